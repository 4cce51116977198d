"""Guesses one likely loss for all runs, and that all diverge."""

import json
import sys

from common import HOME, hand_in, read

if sys.argv[1] == "curve_end":
    hand_in({run["run"]: 4.0 for run in read("begun.jsonl")})
else:
    wanted = json.loads((HOME / "wanted.json").read_text())
    losses = {run["run"]: 2.4 for run in wanted["losses"]}
    hand_in({"losses": losses, "diverges": {run["run"]: True for run in wanted["divergence"]}})
