"""Hands in lists within lists within lists, on which a scorer might fail."""

from pathlib import Path

Path("/home/agent/states.json").write_text('{"case00": ' + "[" * 100_000 + "]" * 100_000 + "}")
