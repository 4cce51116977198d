"""One thing more than stage_2: the age, or what the weights count."""

import json
import sys

sys.path.insert(0, "/home/agent/solution")
import simple
import trial

FIGURES = {
    "bars": lambda: simple.bars(("pilot",)),
    "curve": lambda: simple.curve(("isles",)),
    "panel": lambda: trial.Trial(same="height", cell="analysed").figure,
}
(simple.HOME / "answer.json").write_text(json.dumps(FIGURES[sys.argv[1]]()))
