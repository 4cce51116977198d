"""Lines in the columns of METR's public run files (time-horizon analysis of 2025), METR's own and ours.

Such a file knows neither the kind of an agent nor the split and the exact version of a task, so the rows say
None there. Columns that are not read here are passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pytest_metr.errors import UsageMistake
from pytest_metr.report.reading.parts import Part
from pytest_metr.report.reading.runset import Source
from pytest_metr.report.reading.values import (
    Object,
    Unreadable,
    a_number,
    a_text,
    a_value,
    an_optional_text,
    decode_object,
    found,
    human_minutes,
    milliseconds,
)
from pytest_metr.types import RunRow, RunStatus

#: Who ended a run that has a score, by METR's ``fatal_error_from``; any other run with a score was simply scored.
_ENDED: dict[str | None, RunStatus] = {"usageLimits": "limit", "agent": "agent_error"}
_IGNORED = "without a score, whose score_binarized is ignored"
_SERVER = "with a score although fatal_error_from is server: the score counts"


def read_public_file(lines: Iterable[bytes], path: Path) -> Part:
    """Read one run from each line; blank lines are passed over.

    :param lines: with their ends, from the first one on.
    :raises UsageMistake: at the first line that cannot be read, with its number.
    """
    reader = _Reader(path)
    number = 0
    for number, raw in enumerate(lines, start=1):
        if raw.isspace():
            continue
        try:
            reader.add(decode_object(raw), number)
        except Unreadable as problem:
            message = problem.message
            if problem.key is None and not raw.endswith(b"\n"):
                message += "; the last line is cut off: is the file still being written?"
            raise UsageMistake(message, file=f"{path}:{number}", key=problem.key) from None
    if not reader.rows:
        raise UsageMistake("expected a run on each line, found an empty file", file=path)
    notes = tuple(f"{count} {'run' if count == 1 else 'runs'} {what}" for what, count in reader.remarks.items())
    source = Source(path=str(path), kind="runs", rows=len(reader.rows), notes=notes)
    return Part(source=source, rows=reader.rows, starts=reader.starts)


class _Reader:
    """Makes rows of the objects of one file, and knows which runs it has had."""

    def __init__(self, path: Path) -> None:
        self.rows: list[RunRow] = []
        self.starts: list[int | None] = []
        self.remarks: Counter[str] = Counter()
        self._path = str(path)
        self._seen: dict[str, dict[str, int]] = {}
        # The same few names and minutes stand in hundreds of thousands of lines: each is kept once.
        self._shared: dict[Any, Any] = {}

    def add(self, data: Object, number: int) -> None:
        """Add the run of one line.

        :raises Unreadable: where a column is missing or holds what it cannot hold, or the run was there before.
        """
        share: Callable[[Any, Any], Any] = self._shared.setdefault
        agent, run_id = a_text(data, "alias"), _run_id(data)
        first = self._seen.setdefault(agent, {}).setdefault(run_id, number)
        if first != number:
            raise Unreadable(f"expected each run of an agent once, found {run_id!r} on line {first} too", "run_id")
        task_id, family = a_text(data, "task_id"), a_text(data, "task_family")
        version, fatal = _version(data), an_optional_text(data, "fatal_error_from")
        a_value(data, "human_minutes")
        minutes = human_minutes(data)
        score, success = self._score(data, fatal)
        row = RunRow(
            run_id=run_id,
            agent=share(agent, agent),
            task_id=share(task_id, task_id),
            family=share(family, family),
            status=_status(score, fatal),
            score=score,
            success=success,
            human_minutes=share(minutes, minutes),
            cause=share(fatal, fatal),
            task_version=share(version, version),
            limit="usageLimits" if fatal == "usageLimits" else None,
            place=f"{self._path}:{number}",
        )
        self.rows.append(row)
        self.starts.append(milliseconds(data.get("started_at")))

    def _score(self, data: Object, fatal: str | None) -> tuple[float | None, bool | None]:
        """Return the score and whether it is a success; None for both where there is no score."""
        column = "score_cont" if "score_cont" in data else "score"
        a_value(data, column)
        score = a_number(data, column)
        binarized = a_value(data, "score_binarized")
        if score is None:
            if binarized is not None:
                _success(binarized)
                self.remarks[_IGNORED] += 1
            return None, None
        if fatal == "server":
            self.remarks[_SERVER] += 1
        return score, _success(binarized)


def _run_id(data: Object) -> str:
    value = a_value(data, "run_id")
    # METR's public files number the runs of some sources.
    return str(value) if type(value) is int else a_text(data, "run_id")


def _version(data: Object) -> str | None:
    value = data.get("task_version")
    return str(value) if type(value) in (int, float) else an_optional_text(data, "task_version")


def _success(value: object) -> bool:
    # A column with a null in it is written with 0.0 and 1.0 by some programs.
    if type(value) not in (int, float) or value not in (0, 1):
        raise Unreadable(f"expected 0 or 1, found {found(value)}", "score_binarized")
    return value == 1


def _status(score: float | None, fatal: str | None) -> RunStatus:
    if score is not None:
        return _ENDED.get(fatal, "scored")
    return "infra_error" if fatal == "server" else "needs_score"
