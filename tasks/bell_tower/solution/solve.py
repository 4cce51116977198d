"""Attacks the machine. Usage: solve.py latch|clapper|carillon."""

import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

Path("/home/agent/submission.txt").write_text(importlib.import_module(f"on_{sys.argv[1]}").main())
