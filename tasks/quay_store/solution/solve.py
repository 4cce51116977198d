"""Hands in the module of a task."""

import shutil
import sys
from pathlib import Path

source, name = {"lookup": ("ledgers.py", "lookup.py"), "crash_safe": ("store.py", "store.py")}[sys.argv[1]]
shutil.copy(Path(__file__).parent / source, Path("/home/agent") / name)
