"""The file in which a session says what it is going to do."""

from __future__ import annotations

import json
from pathlib import Path

from pytest_metr.errors import UsageMistake
from pytest_metr.report.past import NOT_OURS
from pytest_metr.types import Plan


def load_plan(file: Path) -> Plan:
    """Return the plan in a file.

    :raises UsageMistake: where it holds none that this version can read.
    :raises OSError: where it cannot be read.
    """
    try:
        return Plan.from_json(json.loads(file.read_text(encoding="utf-8")))
    except NOT_OURS as error:
        raise UsageMistake(f"expected the plan of a session: {type(error).__name__}: {error}", file=file) from None


def plan_so_far(file: Path) -> Plan:
    """Return the plan in a file, as :func:`load_plan` does; an empty one where the session has not come to it."""
    try:
        return load_plan(file)
    except FileNotFoundError:
        return Plan()
