"""A declared fix, with which failures are run again: a file, given with ``--metr-guided``."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from pytest_metr.documents import read_document
from pytest_metr.fields import describe
from pytest_metr.types import FIXES, Fix, Guidance


def read_guide(path: Path | None) -> Guidance | None:
    """Read what was declared; None where no file is given.

    :raises UsageMistake: where the file cannot be read, or does not say what the fix is and why it is one.
    """
    if path is None:
        return None
    fields = read_document(path)
    fix = fields.choice("fix", FIXES)
    if fix is None:
        fields.wrong("fix", f"missing; expected one of {', '.join(FIXES)}")
    why, hint = fields.text("why").strip(), (fields.optional_text("hint") or "").strip()
    if not why:
        fields.wrong("why", "expected what was wrong, and why the fix mends it; found an empty text")
    if fix == "hint" and not hint:
        fields.wrong("hint", "expected the words that are added to the instructions")
    if fix != "hint" and hint:
        fields.wrong("hint", f"expected none with fix: {fix}, for the instructions stay as they are")
    runs = fields.items("runs")
    for index, run in enumerate(runs):
        if not isinstance(run, str):
            fields.wrong(f"runs[{index}]", f"expected the id of a run, found {describe(run)}")
    fields.finish()
    return Guidance(fix=cast(Fix, fix), why=why, hint=hint, runs=tuple(runs))


def guided(instructions: str, guidance: Guidance | None) -> str:
    """Return the instructions as the agent is given them: with the hint at their end, where there is one."""
    if guidance is None or not guidance.hint:
        return instructions
    return f"{instructions}\n\n{guidance.hint}\n"
