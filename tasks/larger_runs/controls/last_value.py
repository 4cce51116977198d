"""Takes the last logged loss of a begun run for its end; in larger the lowest small loss, and no divergence."""

import json
import sys

from common import HOME, hand_in, read

if sys.argv[1] == "curve_end":
    hand_in({run["run"]: run["curve"][-1][1] for run in read("begun.jsonl")})
else:
    lowest = min(point[2] for run in read("small_runs.jsonl") for point in run["curve"])
    wanted = json.loads((HOME / "wanted.json").read_text())
    ends = {run["run"]: False for run in wanted["divergence"]}
    hand_in({"losses": {run["run"]: lowest for run in wanted["losses"]}, "diverges": ends})
