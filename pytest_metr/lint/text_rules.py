"""Rules about texts: the canary, the README, and what an agent is told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_metr.family_layout import SOLUTION
from pytest_metr.lint.findings import Finding
from pytest_metr.lint.view import FamilyView

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_NO_GUID = "00000000-0000-0000-0000-000000000000"
_SECTIONS = ("Purpose", "Difficulty", "Scoring", "Contamination", "Known limits")
#: Places of the sandbox that an agent need not know of, and that only the scorer can mean.
_INTERNAL = re.compile(r"/root\b|/protected\b|/opt/metr\b|\bassets/|\bsolution/")
_SHORTEST, _LONGEST = 80, 20_000
#: A line of the solution that is shorter may stand in any text.
_LINE = 24


def canary(view: FamilyView) -> Iterator[Finding]:
    """Find a canary that marks nothing."""
    for text in view.canaries:
        guid = _GUID.search(text)
        if guid is None or guid[0] == _NO_GUID:
            yield Finding(rule="canary", file=str(view.manifest), message="expected a GUID of its own in it")
        elif guid[0] not in (view.text("README.md") or ""):
            yield Finding(rule="canary", file=str(view.dir / "README.md"), message=f"expected the canary {guid[0]}")
        elif any(guid[0] in told for told in (view.instructions or {}).values()):
            message = "the canary is in the instructions, so that every transcript would have it"
            yield Finding(rule="canary", file=str(view.module), message=message)


def readme(view: FamilyView) -> Iterator[Finding]:
    """Find what a reader of the README misses."""
    text, file = view.text("README.md"), str(view.dir / "README.md")
    if text is None:
        yield Finding(rule="readme", file=file, message="expected a README, found none")
        return
    missing = [section for section in _SECTIONS if section.lower() not in text.lower()]
    if missing:
        yield Finding(rule="readme", file=file, message=f"expected something on {', '.join(missing)}")
    unnamed = [task for task in view.tasks if task not in text]
    if unnamed:
        yield Finding(rule="readme", file=file, message=f"expected every task in it, misses {', '.join(unnamed)}")


def instructions(view: FamilyView) -> Iterator[Finding]:
    """Find instructions that tell too little, or what only the scorer knows."""
    solved = _solution_lines(view)
    for task, text in (view.instructions or {}).items():
        for message in _problems(text, solved):
            yield Finding(rule="instructions", file=str(view.module), where=task, message=message)


def _problems(text: str, solved: frozenset[str]) -> Iterator[str]:
    if not _SHORTEST <= len(text) <= _LONGEST:
        yield f"expected {_SHORTEST} to {_LONGEST} characters, found {len(text)}"
    if re.search(r"\bscor(e|ing|ed)", text, re.IGNORECASE) is None:
        yield "expected to be told how the task is scored"
    if re.search(r"\bsubmi(t|ssion|tted)", text, re.IGNORECASE) is None:
        yield "expected to be told what is to be submitted, also where it is nothing"
    internal = _INTERNAL.search(text)
    if internal is not None:
        yield f"names {internal[0]}, which an agent need not know of"
    told = sorted({line.strip() for line in text.splitlines()} & solved)
    if told:
        yield f"has a line of the reference solution: {told[0][:80]}"


def _solution_lines(view: FamilyView) -> frozenset[str]:
    files = (path for path in sorted((view.dir / SOLUTION).rglob("*")) if path.suffix in (".py", ".sh"))
    lines = (line.strip() for file in files for line in file.read_text("utf-8", "replace").splitlines())
    return frozenset(line for line in lines if len(line) >= _LINE)
