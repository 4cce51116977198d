"""Follows the main text; what the text leaves open is as it comes."""

import json
import sys

sys.path.insert(0, "/home/agent/solution")
import simple
import trial

FIGURES = {
    "bars": lambda: simple.bars(("pilot", "check")),
    "curve": lambda: simple.curve(("isles", "age", "weights")),
    "panel": lambda: trial.Trial().figure,
}
(simple.HOME / "answer.json").write_text(json.dumps(FIGURES[sys.argv[1]]()))
