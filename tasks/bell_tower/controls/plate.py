"""Stage 1 alone."""

import importlib
import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")

attack = importlib.import_module(f"on_{sys.argv[1]}").Attack()
Path("/home/agent/submission.txt").write_text(f"stage1: {attack.plate()}\n")
