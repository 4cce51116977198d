"""All is right, but two strangers with the same birthday and sex are taken for one person."""

import json
import sys

sys.path.insert(0, "/home/agent/solution")
import trial

(trial.HOME / "answer.json").write_text(
    json.dumps(trial.Trial(same="birth", cell="analysed", first="aside", turned="Pell", variance="wards").figure)
)
