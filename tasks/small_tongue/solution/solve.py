"""Hands in the reference implementation."""

import shutil
import sys
from pathlib import Path

reference, work = Path(__file__).parent / "reference", Path("/home/agent/work")
if sys.argv[1] == "sums":
    shutil.copy(reference / "sums.py", work)
else:
    shutil.copytree(reference / "skerry", work / "skerry", ignore=shutil.ignore_patterns("__pycache__"))
