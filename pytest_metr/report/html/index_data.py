"""The data that a page has at hand from the beginning: everything but the records and transcripts of the runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pytest_metr.errors import UsageMistake
from pytest_metr.report.html.blocks import Block
from pytest_metr.report.html.content import Content, Side
from pytest_metr.report.html.figures import agent_figures, comparison_figures, elicitation_figures
from pytest_metr.report.past import NOT_OURS
from pytest_metr.report.results.elicited import agreement_sentences
from pytest_metr.report.strict import plain
from pytest_metr.types import RunRecord, Verdict

#: The columns of a run: rows without keys, since there are thousands of them.
COLUMNS = (
    "side",
    "id",
    "task",
    "family",
    "run",
    "agent",
    "beside",
    "status",
    "score",
    "success",
    "minutes",
    "bracket",
    "domains",
    "split",
    "seconds",
    "tokens",
    "cost",
    "cause",
    "limit",
    "observed",
    "finding",
    "blocks",
)
#: What HTML could act on inside of an element of data. The rest is ASCII.
_ACTIVE = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def embedded(data: Any) -> str:
    """Return JSON that is inert inside of an element, whatever texts it has: ASCII without ``<``, ``>`` and ``&``."""
    return json.dumps(plain(data), allow_nan=False, separators=(",", ":")).translate(_ACTIVE)


def index_data(content: Content, blocks: Sequence[Block], *, made_at: str, version: str) -> dict[str, Any]:
    """Return the data of a page.

    :param blocks: the blocks of all runs, in the order of the sides and of the runs in them.
    :raises UsageMistake: where a report has a gate's verdict that cannot be read.
    """
    by_run: dict[tuple[int, int], list[Block]] = {}
    for block in blocks:
        by_run.setdefault((block.side, block.run), []).append(block)
    rows = [
        _row(number, side, record, by_run.get((number, place), ()))
        for number, side in enumerate(content.sides)
        for place, record in enumerate(side.session.runs)
    ]
    return {
        "made": {"at": made_at, "version": version},
        "protocol": content.sides[0].scores.protocol.to_json(),
        "sides": [_side(side) for side in content.sides],
        "comparison": None if content.comparison is None else comparison_figures(content.comparison),
        "notes": list(content.notes),
        "columns": list(COLUMNS),
        "runs": rows,
    }


def _side(side: Side) -> dict[str, Any]:
    session, info = side.session, side.session.info
    return {
        "folder": str(session.folder),
        "info": {name: value for name, value in info.to_json().items() if name != "agents"},
        "agents": [
            {"name": agent.name, "kind": agent.kind, "model": agent.model, "identity": agent.identity}
            for agent in info.agents
        ],
        "gate": _verdict(side),
        "coverage": session.document.get("coverage"),
        "decisions": session.document.get("decisions"),
        "broken": session.document.get("broken_families"),
        "notes": session.document.get("notes"),
        "scores": [agent_figures(agent) for agent in side.scores.agents],
        "agreements": agreement_sentences(side.agreements),
        "elicitations": [elicitation_figures(found) for found in side.elicitations.values()],
        "flags": {agent: [flag.to_json() for flag in flags] for agent, flags in side.flags.items()},
        "digests": dict(side.digests),
    }


def _verdict(side: Side) -> dict[str, Any] | None:
    value = side.session.document.get("gate")
    if value is None:
        return None
    try:
        verdict = Verdict.from_json(_mapping(value))
        return {**verdict.to_json(), "exit_status": verdict.exit_status}
    except NOT_OURS as error:
        problem = f"expected a gate's verdict: {type(error).__name__}: {error}"
        raise UsageMistake(problem, file=side.session.folder, key="gate") from None


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError("expected an object")
    return value


def _beside(record: RunRecord) -> str | None:
    """Return what makes a run none of its agent's own, which no number is made of."""
    if record.control is not None:
        return f"control {record.control.name}"
    return None if record.guidance is None else f"guided by {record.guidance.fix}"


def _row(number: int, side: Side, record: RunRecord, blocks: Iterable[Block]) -> list[Any]:
    finding = side.findings.get(record.run_id)
    values = {
        "side": number,
        "id": record.run_id,
        "task": record.task_id,
        "family": record.family,
        "run": record.run,
        "agent": record.agent,
        "beside": _beside(record),
        "status": record.status,
        "score": record.score,
        "success": record.passed,
        "minutes": record.human_minutes,
        "bracket": record.bracket,
        "domains": record.domains,
        "split": record.split,
        "seconds": record.usage.seconds,
        "tokens": record.usage.tokens,
        "cost": record.usage.cost,
        "cause": None if record.failure is None else record.failure.cause,
        "limit": None if record.limit_hit is None else record.limit_hit.name,
        "observed": record.observed,
        "finding": None if finding is None else {**finding.to_json(), "disputed": finding.disputed},
        "blocks": [[block.name, block.size, block.problem] for block in blocks],
    }
    return [values[column] for column in COLUMNS]
