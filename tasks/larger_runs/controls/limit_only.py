"""Answers the question of divergence alone, with the logs as they are."""

import json

from common import HOME, hand_in, module, read

larger = module("larger")
weights = larger.fit_limit(larger.mend(read("small_runs.jsonl"), ()))
wanted = json.loads((HOME / "wanted.json").read_text())
hand_in({"diverges": {run["run"]: larger.unstable(weights, run) for run in wanted["divergence"]}})
