"""The same, with the scale of severity turned round; the variance takes participants for the units."""

import json
import sys

sys.path.insert(0, "/home/agent/solution")
import trial

(trial.HOME / "answer.json").write_text(
    json.dumps(trial.Trial(same="height", cell="analysed", first="aside", turned="Pell", variance="linear").figure)
)
