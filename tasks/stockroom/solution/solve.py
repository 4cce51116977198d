"""Puts the repaired files in place of the delivered ones."""

import shutil
import sys
from pathlib import Path

shutil.copytree(Path(__file__).parent / "fixed" / sys.argv[1], "/home/agent/work", dirs_exist_ok=True)
