"""Shares so small that a weight times a share is rounded up, for a sum of probabilities above 1."""

import json
from pathlib import Path

rows = {"0": [0.9999, dict.fromkeys("\n abcdefghijklmnopqrstuvwxyzKLMNPQ01234567()[]<>'=@.", 5e-324)]}
Path("/home/agent/model.json").write_text(json.dumps({"parts": [{"kind": "table", "key": 0, "rows": rows}]}))
