"""Takes nothing from footnotes, captions and errata, and resolves nothing."""

import json
import sys

sys.path.insert(0, "/home/agent/solution")
import simple
import trial

FIGURES = {
    "bars": lambda: simple.bars(("trials", "check", "pilot")),
    "curve": lambda: simple.curve(("onset", "isles", "weights", "age")),
    "panel": lambda: trial.Trial(erratum=False).figure,
}
(simple.HOME / "answer.json").write_text(json.dumps(FIGURES[sys.argv[1]]()))
