"""Hands in a model whose predictions are too large to be numbers."""

import json
import sys
from pathlib import Path

feature = {"diverging": "b", "held_out": "x2"}[sys.argv[1]]
terms = [{"coef": sign * 1e308, "powers": {feature: 6}} for sign in (1, -1, 1, -1)]
model = {"scaling": {feature: {"centre": 0, "scale": 5e-324}}, "terms": terms}
Path("/home/agent/model.json").write_text(json.dumps(model))
