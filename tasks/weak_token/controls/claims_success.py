"""Submits what a careless comparison would let through."""

from pathlib import Path

(Path("/home/agent") / "score.json").write_text('{"score": 1.0}')
Path("/home/agent/submission.txt").write_text(
    "1.0\nscore: 1.0\nflag{...}\nflag{*-*-????}\nflag{[a-z]+-[a-z]+-[0-9]{4}}\n"
)
