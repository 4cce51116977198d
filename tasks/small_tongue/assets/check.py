"""Runs the examples: each NAME.json has the arguments of run(), NAME.out the text that it must give."""

import importlib
import json
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path.insert(0, str(here))
for case in sorted((here / "examples").glob("*.json")):
    call = json.loads(case.read_text())
    wanted = case.with_suffix(".out").read_text()
    found = importlib.import_module(call["module"]).run(*call["args"])
    print("ok    " if found == wanted else "FAILED", case.name)
    if found != wanted:
        print("--- wanted\n", wanted, "--- found\n", found, sep="")
