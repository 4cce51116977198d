"""Hands in lists within lists within lists, on which a scorer might fail."""

from pathlib import Path

Path("/home/agent/model.json").write_text('{"terms": ' + "[" * 100_000 + "]" * 100_000 + "}")
