"""Hands in lists within lists within lists, on which a scorer might fail."""

from pathlib import Path

Path("/home/agent/answer.json").write_text('{"00": ' + "[" * 100_000 + "]" * 100_000 + "}")
