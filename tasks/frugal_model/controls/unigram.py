"""The frequencies of the characters and nothing else."""

import json
from collections import Counter
from pathlib import Path

counts = Counter(Path("/home/agent/train.txt").read_text().replace("\n\n", "\n"))
rows = {"0": [0.999, dict(counts)]}
Path("/home/agent/model.json").write_text(json.dumps({"parts": [{"kind": "table", "key": 0, "rows": rows}]}))
