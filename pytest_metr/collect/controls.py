"""The controls of a family: wrong and partial attempts whose scores are known, in ``controls/controls.yaml``.

They show that the scorer tells them apart: see ``docs/writing-tasks.md``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pytest_metr.collect import values
from pytest_metr.collect.values import Check, Unexpected
from pytest_metr.errors import UsageMistake
from pytest_metr.family_layout import CONTROL_PROGRAMS, CONTROLS, CONTROLS_FILE, control_script
from pytest_metr.types import CONTROL_KINDS, Control, ControlKind
from pytest_metr.yaml_text import load_yaml

_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPlan:
    """One control and what it must get in each of the tasks that it is made for.

    :param ranges: by task, the lowest and the highest score.
    """

    name: str
    kind: ControlKind
    ranges: Mapping[str, tuple[float, float]]

    def of(self, task: str) -> Control:
        """Return the control as it is to be made in *task*."""
        lowest, highest = self.ranges[task]
        return Control(name=self.name, kind=self.kind, lowest=lowest, highest=highest)


def read_controls(family_dir: Path, tasks: Sequence[str]) -> tuple[ControlPlan, ...] | None:
    """Return the controls of a family in the order of its file; None where it has none.

    :param tasks: the names of the tasks that there are.
    :raises UsageMistake: with file and key, where something in the file is wrong or a script is missing.
    """
    file = family_dir / CONTROLS / CONTROLS_FILE
    if not file.is_file():
        return None
    try:
        data = load_yaml(file.read_bytes(), file)
        found = [
            values.checked_at(str(name), partial(_control, name, folder=file.parent, tasks=tasks), entry)
            for name, entry in values.mapping(data).items()
        ]
    except OSError as error:
        raise UsageMistake(f"cannot be read: {error.strerror}", file=file) from None
    except Unexpected as problem:
        raise UsageMistake(problem.message, file=file, key=problem.key) from None
    if not found:
        raise UsageMistake("expected at least one control, found none", file=file)
    return tuple(found)


def _control(name: Any, entry: Any, *, folder: Path, tasks: Sequence[str]) -> ControlPlan:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Unexpected(f"expected a name of at most 60 small letters, digits and _, found {values.found(name)}")
    parts = values.section(entry, _CHECKS)
    for key in _CHECKS:
        if key not in parts:
            raise Unexpected("expected a value, found nothing", (key,))
    for task in parts["scores"]:
        if task not in tasks:
            raise values.unknown_key(task, tasks).below("scores")
    _check_script(name, parts["kind"], folder)
    return ControlPlan(name=name, kind=parts["kind"], ranges=parts["scores"])


def _check_script(name: str, kind: str, folder: Path) -> None:
    script = control_script(folder, name)
    if kind == "empty" and script is not None:
        raise Unexpected(f"expected no script of a control that does nothing, found {script.name}")
    if kind != "empty" and script is None:
        names = " or ".join(name + suffix for suffix in CONTROL_PROGRAMS)
        raise Unexpected(f"expected a script {names} beside the file, found none")


def _scores(value: Any) -> dict[str, tuple[float, float]]:
    ranges = {str(task): values.checked_at(str(task), _range, score) for task, score in values.mapping(value).items()}
    if not ranges:
        raise Unexpected("expected the score of at least one task, found none")
    return ranges


def _range(value: Any) -> tuple[float, float]:
    if not isinstance(value, list):
        score = values.number(value)
        return score, score
    if len(value) != 2:
        raise Unexpected(f"expected a score, or a list of the lowest and the highest, found {values.found(value)}")
    lowest, highest = (values.checked_at(str(place), values.number, score) for place, score in enumerate(value))
    if highest < lowest:
        raise Unexpected(f"expected the lowest before the highest, found {lowest:g} before {highest:g}")
    return lowest, highest


_CHECKS: Mapping[str, Check] = {
    "kind": values.choice(*CONTROL_KINDS),
    "what": values.text,
    "scores": _scores,
}
