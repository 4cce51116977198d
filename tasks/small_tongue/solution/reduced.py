"""Hands in the reference with parts of it missing, for the controls: a program that needs such a part gives nothing.

Where a part cannot be seen in the text of a program (tail calls, checks, ...), the reference is changed instead.
"""

import shutil
from pathlib import Path

HERE, WORK = Path(__file__).parent, Path("/home/agent/work")

#: What a program's text has where it uses a part.
SIGNS = {
    "units": r"\bunit\b|\[[a-z]",
    "texts": r"\{[^}]*:[<>^]?[0-9.]+\}|split|slice|join",
    "errors": r"\btry\b|\bfail\b",
    "types": r"\btype\b|\bmatch\b",
    "defer": r"\bdefer\b",
    "modules": r"\buse\b",
    "feeds": r"\bfeed\b|\bgive\b",
    "steps": r"\bsteps\b",
    "tasks": r"\bspawn\b|\bpause\b|\bwait\b",
    "channels": r"\bchannel\b",
    "annotations": r": ?\[[a-z/0-9*^]*\]",
    "checked": r"^checked",
}
#: All that is not of the core.
REST = ["types", "coverage", "defer", "modules", "feeds", "steps", "tasks", "channels", "annotations", "checked"]
REST += ["tail calls", "depth", "budget"]
#: What is written at the end of the handed-in module to take something away.
CHANGES = {
    "running": "Machine.run = lambda self, codes: self.output.clear()\n",
    "checks": "Program.load = without_findings(Program.load)\n",
    "coverage": "Compiler.check_coverage = lambda self, node, patterns: None\n",
    "tail calls": "Compiler.tail = lambda self, node: self.expression(node)\n",
    "depth": "vm.DEEPEST = 300\n",
    "spacing": "parser.TIGHT = 0\n",
    "budget": "Machine.out_of_steps = lambda self, place: None\n",
    "places": "Machine.place_text = staticmethod(lambda frame, place: f'{frame.code.module}:{place[0]}')\n",
}
HEAD = """\
import re

from skerry_full import compiler, errors, loader, parser, vm
from skerry_full import run as full
from skerry_full.compiler import Compiler
from skerry_full.loader import Program
from skerry_full.vm import Machine

MISSING = {signs!r}


def without_findings(load):
    def changed(self):
        try:
            return load(self)
        except errors.StaticErrors as found:
            found.findings = [one for one in found.findings if one[0] == "syntax"]
            raise

    return changed


def run(program, lines=(), budget=None):
    texts = [program] if isinstance(program, str) else program.values()
    if any(re.search(sign, text, re.M) for sign in MISSING for text in texts):
        return ""
    return full(program, lines, budget)


"""


def hand_in(*missing):
    """Hand in the reference for skerry without the parts that are named."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(HERE / "reference" / "skerry", WORK / "skerry_full", dirs_exist_ok=True, ignore=skip)
    signs = [SIGNS[part] for part in missing if part in SIGNS]
    changes = [CHANGES[part] for part in missing if part in CHANGES]
    (WORK / "skerry.py").write_text(HEAD.format(signs=signs) + "".join(changes))


def sums_with(*changes):
    """Hand in the reference for sums with pieces of its text replaced."""
    text = (HERE / "reference" / "sums.py").read_text()
    for old, new in changes:
        if old not in text:
            raise ValueError(old)
        text = text.replace(old, new)
    (WORK / "sums.py").write_text(text)
