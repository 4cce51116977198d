"""One thing more than stage_1: the erratum on weights, or persons enrolled twice."""

import json
import sys

sys.path.insert(0, "/home/agent/solution")
import simple
import trial

FIGURES = {
    "bars": lambda: simple.bars(("check",)),
    "curve": lambda: simple.curve(("isles", "age")),
    "panel": lambda: trial.Trial(same="height").figure,
}
(simple.HOME / "answer.json").write_text(json.dumps(FIGURES[sys.argv[1]]()))
