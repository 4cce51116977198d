"""Writes model.json: a table over the last character, and one over none. Scores 0; better models are wanted."""

import json
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

from model import CODES, split

sheets = split(Path("train.txt").read_text())
single, pairs = Counter(), defaultdict(Counter)
for sheet in sheets:
    single.update(sheet)
    for left, right in pairwise(sheet):
        pairs[CODES[left]][right] += 1
parts = [
    {"kind": "table", "key": 0, "rows": {"0": [0.95, dict(single)]}},
    {
        "kind": "table",
        "key": ["last", 1],
        "rows": {str(k): [0.95, {c: n for c, n in row.items() if n > 9}] for k, row in pairs.items() if len(row) > 1},
    },
]
parts[1]["rows"] = {key: row for key, row in parts[1]["rows"].items() if row[1]}
Path("model.json").write_text(json.dumps({"parts": parts}))
