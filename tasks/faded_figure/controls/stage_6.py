"""The variance is that of wards; the scale of severity is as delivered."""

import json
import sys

sys.path.insert(0, "/home/agent/solution")
import trial

(trial.HOME / "answer.json").write_text(
    json.dumps(trial.Trial(same="height", cell="analysed", first="aside", variance="wards").figure)
)
