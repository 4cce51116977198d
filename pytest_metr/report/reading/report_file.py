"""Runs from ``report.json``: nothing that a protocol asks for is lost there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from pytest_metr.errors import UsageMistake
from pytest_metr.report.reading.parts import Part
from pytest_metr.report.reading.runset import Source, SourceKind
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
from pytest_metr.report.session import SCHEMA_NAME, SCHEMA_VERSION
from pytest_metr.types import RUN_STATUSES, EvaluationProtocol, RunRow, RunStatus

#: The statuses whose runs may have a score.
_WITH_SCORE = ("scored", "limit", "agent_error")


def read_report(content: bytes, path: Path, *, given: Path, kind: SourceKind) -> Part:
    """Read the runs of a report document.

    :param path: the report, for messages and places.
    :param given: the source as the person named it: the report or its folder.
    :raises UsageMistake: where it is no report that this version can read, or holds no runs.
    """
    try:
        document = decode_object(content)
        check_schema(document)
        recorded = [_object(run, f"runs[{i}]") for i, run in enumerate(_list(document, "runs"))]
        # Attempts whose scores are known say something of their tasks, and nothing of an agent; guided runs say
        # nothing of what it does without guidance.
        runs = [run for run in recorded if run.get("control") is None and run.get("guidance") is None]
        session = _object(a_value(document, "session"), "session")
        kinds = agent_kinds(session)
        rows = [_row(run, f"runs[{i}]", kinds, path) for i, run in enumerate(runs)]
        _refuse_doubles(rows)
        source = Source(
            path=str(given),
            kind=kind,
            rows=len(rows),
            protocol=read_protocol(document),
            weighting=an_optional_text(session, "weighting"),
            broken_families=len(_list(document, "broken_families")),
            notes=tuple(str(note) for note in _list(document, "notes")),
        )
    except Unreadable as problem:
        raise UsageMistake(problem.message, file=path, key=problem.key) from None
    if not rows:
        found = "none"
        if any(run.get("guidance") is not None for run in recorded):
            found = "guided runs alone; name the session whose runs they made again, and this one with --guided"
        raise UsageMistake(f"expected at least one run of an agent, found {found}", file=path, key="runs")
    return Part(source=source, rows=rows, starts=[milliseconds(run.get("started_at")) for run in runs])


def agent_kinds(session: Object) -> dict[str, str]:
    """Return the kinds of the session's agents by name, of those whose kind is known.

    :raises Unreadable: where the agents are not as a session writes them.
    """
    agents = [_object(agent, f"session.agents[{i}]") for i, agent in enumerate(_list(session, "agents"))]
    kinds = {a_text(agent, "name"): a_text(agent, "kind") for agent in agents}
    return {name: kind for name, kind in kinds.items() if kind != "unknown"}


def read_protocol(data: Object) -> EvaluationProtocol | None:
    """Return the protocol that a session was run by; None where it does not say.

    :raises Unreadable: where what it says is no protocol.
    """
    value = data.get("protocol")
    if value is None:
        return None
    try:
        return EvaluationProtocol.from_json(_object(value, "protocol"))
    except (KeyError, TypeError, AttributeError) as error:
        problem = f"expected an evaluation protocol: {type(error).__name__}: {error}"
        raise Unreadable(problem, "protocol") from None


def check_schema(document: Object) -> None:
    name, version = document.get("schema"), document.get("schema_version")
    if name != SCHEMA_NAME:
        raise Unreadable(
            f'expected the report of a session ("schema": "{SCHEMA_NAME}") or a run on each line; '
            f"found a JSON document with schema {found(name)}"
        )
    # The older ones have less beside the runs, and the runs as they are now.
    if version not in range(1, SCHEMA_VERSION + 1) or isinstance(version, bool):
        raise Unreadable(f"expected at most {SCHEMA_VERSION}, found {found(version)}", "schema_version")


def _list(data: Object, key: str) -> list[Any]:
    value = a_value(data, key)
    if not isinstance(value, list):
        raise Unreadable(f"expected a list, found {found(value)}", key)
    return value


def _object(value: Any, key: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable(f"expected an object, found {found(value)}", key)
    return value


def _row(run: Object, key: str, kinds: Mapping[str, str], path: Path) -> RunRow:
    try:
        return _checked_row(run, kinds, f"{path}:{key}")
    except Unreadable as problem:
        raise Unreadable(problem.message, f"{key}.{problem.key}" if problem.key else key) from None


def _checked_row(run: Object, kinds: Mapping[str, str], place: str) -> RunRow:
    agent, status = a_text(run, "agent"), a_text(run, "status")
    if status not in RUN_STATUSES:
        raise Unreadable(f"expected one of {', '.join(RUN_STATUSES)}, found {found(status)}", "status")
    a_value(run, "score")
    score = a_number(run, "score") if status in _WITH_SCORE else None
    if score is None and status == "scored":
        raise Unreadable("expected the score of a scored run, found null", "score")
    return RunRow(
        run_id=a_text(run, "run_id"),
        agent=agent,
        task_id=a_text(run, "task_id"),
        family=a_text(run, "family"),
        status=cast(RunStatus, status),
        score=score,
        success=None if score is None else _success(run),
        human_minutes=human_minutes(run),
        run=_run_number(run),
        split=an_optional_text(run, "split"),
        cause=_part(run, "failure", "cause"),
        agent_kind=kinds.get(agent),
        agent_identity=an_optional_text(run, "agent_identity"),
        task_version=an_optional_text(run, "task_version"),
        family_hash=an_optional_text(run, "family_hash"),
        image=_part(run, "sandbox", "image"),
        limit=_part(run, "limit_hit", "name"),
        canary_found=_optional_flag(run, "canary_found"),
        agent_frozen=_optional_flag(run, "agent_frozen"),
        observed=_observed(run),
        actions=_actions(run),
        weight=_weight(run),
        place=place,
    )


def _success(run: Object) -> bool:
    value = a_value(run, "success")
    if not isinstance(value, bool):
        raise Unreadable(f"expected true or false for a run with a score, found {found(value)}", "success")
    return value


def _run_number(run: Object) -> int | None:
    value = run.get("run")
    if value is not None and (type(value) is not int or value < 1):
        raise Unreadable(f"expected a whole number from 1, found {found(value)}", "run")
    return value


def _optional_flag(run: Object, key: str) -> bool | None:
    value = run.get(key)
    if value is not None and not isinstance(value, bool):
        raise Unreadable(f"expected true, false or null, found {found(value)}", key)
    return value


def _observed(run: Object) -> dict[str, int] | None:
    value = run.get("observed")
    if value is None:
        return None
    seen = _object(value, "observed")
    for name, number in seen.items():
        if type(number) is not int or number < 0:
            raise Unreadable(f"expected a whole number from 0, found {found(number)}", f"observed.{name}")
    return seen


def _actions(run: Object) -> int | None:
    usage = run.get("usage")
    number = None if usage is None else _object(usage, "usage").get("actions")
    if number is not None and (type(number) is not int or number < 0):
        raise Unreadable(f"expected a whole number from 0, found {found(number)}", "usage.actions")
    return number


def _weight(run: Object) -> float | None:
    weight = a_number(run, "weight")
    if weight is not None and weight < 0:
        raise Unreadable(f"expected a number of 0 or more or null, found {found(weight)}", "weight")
    return weight


def _part(run: Object, key: str, name: str) -> str | None:
    value = run.get(key)
    return None if value is None else an_optional_text(_object(value, key), name)


def _refuse_doubles(rows: list[RunRow]) -> None:
    first: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows):
        before = first.setdefault((row.agent, row.run_id), number)
        if before != number:
            problem = f"expected each run of an agent once, found {row.run_id!r} in runs[{before}] too"
            raise Unreadable(problem, f"runs[{number}].run_id")
