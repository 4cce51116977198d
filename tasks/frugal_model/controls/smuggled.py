"""Code where the format wants a name, and a number with a thousand digits as a store of knowledge."""

import json
from pathlib import Path

expression = ["+", "__import__('os').system('true')", ["%", 10**1000, 51]]
parts = [{"kind": "say", "value": expression, "weight": 0.9}]
registers = [{"name": "__import__('os').system('true')", "next": 10**1000}]
Path("/home/agent/model.json").write_text(json.dumps({"registers": registers, "parts": parts}))
