"""Puts parts of the repaired code in place; the controls beside this file use it."""

import shutil
from pathlib import Path

WORK = Path("/home/agent/work")
FIXED = Path("/home/agent/solution/fixed")
MODULES = {"labels": "labels.py", "costing": "costing.py", "whole": "stockroom/engine.py"}


def mend(task, *names):
    """Put repaired files in the place of the delivered ones."""
    for name in names or (MODULES[task],):
        shutil.copy(FIXED / task / name, WORK / name)


def change(name, before, after):
    """Replace a text in a file of the work."""
    text = (WORK / name).read_text()
    if before not in text:
        raise ValueError(f"{name} has no {before!r}")
    (WORK / name).write_text(text.replace(before, after))


def write(task, text):
    """Put a module of its own in the place of the task's."""
    (WORK / MODULES[task]).write_text(text)
