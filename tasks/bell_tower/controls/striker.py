"""Stage 2 alone."""

import importlib
import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")

attacks = importlib.import_module(f"on_{sys.argv[1]}")
text = attacks.attempts(attacks.Attack.striker) if sys.argv[1] == "carillon" else attacks.Attack().striker()
Path("/home/agent/submission.txt").write_text(f"stage2: {text}\n")
