"""The document of ``report.json``: everything about a session in one place, with nothing planned left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_metr.errors import UsageMistake
from pytest_metr.report.session import SCHEMA_NAME, SCHEMA_VERSION, SessionInfo
from pytest_metr.report.strict import plain
from pytest_metr.report.tables import bracket_rows, coverage, has_score, task_rows, total
from pytest_metr.types import AgentSpec, BrokenFamily, Failure, PlannedRun, RunRecord, now

Weigh = Callable[[Sequence[RunRecord]], Sequence[float]]

NO_RECORD = Failure(kind="not_run", cause="no_record", message="the session has no record of this run")


def build_report(
    *,
    session: SessionInfo,
    planned: Sequence[PlannedRun],
    records: Sequence[RunRecord],
    weigh: Weigh,
    not_run: Mapping[str, Failure] | None = None,
    broken_families: Sequence[BrokenFamily] = (),
    notes: Sequence[str] = (),
    files: Mapping[str, str] | None = None,
    created_at: str | None = None,
) -> dict[str, Any]:
    """Return the report as strict JSON data that :func:`~pytest_metr.report.report_schema` describes.

    Planned runs come first, in the order of the plan, then the records of runs that were not planned. A planned
    run without a record appears as ``not_run``. Of several records of one run the last counts, with a note.

    :param weigh: takes the runs of one agent that have a score and returns as many weights, adding up to 1. Where
        it raises :class:`UsageMistake`, that agent has no overall score and the report says why.
    :param not_run: by run id, why a planned run has no record.
    :param notes: sentences for the reader, without secrets.
    :param files: the paths of the session's files by name, for example ``journal`` and ``report``.
    :param created_at: now, unless given.
    :raises ValueError: where *weigh* returns another number of weights than there are runs.
    """
    runs, doubled = _complete(session.agents, planned, records, not_run or {})
    planned_ids = {plan.run_id for plan in planned}
    weights: dict[str, float] = {}
    agents = [
        _agent_entry(spec, [run for run in runs if run.agent == spec.name], planned_ids, session, weigh, weights)
        for spec in _all_agents(session.agents, runs)
    ]
    document = {
        "schema": SCHEMA_NAME,
        "schema_version": SCHEMA_VERSION,
        "created_at": created_at or now(),
        "session": session,
        "coverage": coverage(runs, _count(runs, planned_ids)),
        "agents": agents,
        "runs": [{**run.to_json(), "success": run.success, "weight": weights.get(run.run_id)} for run in runs],
        "broken_families": list(broken_families),
        "notes": [*notes, *doubled, *_version_notes(runs)],
        "files": dict(files or {}),
    }
    cleaned: dict[str, Any] = plain(document)
    return cleaned


def _complete(
    agents: Sequence[AgentSpec],
    planned: Sequence[PlannedRun],
    records: Sequence[RunRecord],
    not_run: Mapping[str, Failure],
) -> tuple[list[RunRecord], list[str]]:
    by_id = {record.run_id: record for record in records}
    counts = Counter(record.run_id for record in records)
    doubled = [
        f"run {run_id} has {count} records; the last one counts" for run_id, count in counts.items() if count > 1
    ]
    runs = [
        by_id.pop(plan.run_id) if plan.run_id in by_id else _missing(plan, agents, not_run.get(plan.run_id, NO_RECORD))
        for plan in planned
    ]
    return [*runs, *by_id.values()], doubled


def _missing(plan: PlannedRun, agents: Sequence[AgentSpec], why: Failure) -> RunRecord:
    """Return the record of a run that was planned and has none."""
    # The plan of a session with one agent need not name it.
    named = [agent for agent in agents if plan.agent is None or agent.name == plan.agent]
    agent = named[0] if len(named) == 1 else AgentSpec(name=plan.agent or "none", kind="unknown")
    return replace(RunRecord.blank(plan, agent), failure=why)


def _all_agents(named: Sequence[AgentSpec], runs: Sequence[RunRecord]) -> list[AgentSpec]:
    """Return the session's agents, and after them those that only runs know of."""
    agents = {agent.name: agent for agent in named}
    for run in runs:
        if run.agent not in agents:
            agents[run.agent] = AgentSpec(
                name=run.agent,
                kind="unknown",
                identity=run.agent_identity,
                model=run.model,
                scaffold=run.scaffold,
            )
    return list(agents.values())


def _agent_entry(
    spec: AgentSpec,
    runs: Sequence[RunRecord],
    planned_ids: set[str],
    session: SessionInfo,
    weigh: Weigh,
    weights: dict[str, float],
) -> dict[str, Any]:
    """Return the agent's part of the document; the weights of its runs are added to *weights*."""
    scored = [run for run in runs if has_score(run)]
    problem, floor = None, None
    try:
        given = weigh(scored) if scored else []
        weights.update({run.run_id: weight for run, weight in zip(scored, given, strict=True)})
        floor = _floor(runs, weigh)
    except UsageMistake as mistake:
        problem = str(mistake)
    return {
        "name": spec.name,
        "identity": spec.identity,
        "model": spec.model,
        "scaffold": spec.scaffold,
        "overall": {
            "score": None if problem is not None else _overall(scored, weights),
            "floor": floor,
            "weighting": session.weighting,
            "runs": len(scored),
            "tasks": len({run.task_id for run in scored}),
            "problem": problem,
        },
        "coverage": coverage(runs, _count(runs, planned_ids)),
        "brackets": bracket_rows(runs),
        "tasks": task_rows(runs),
    }


def _overall(runs: Sequence[RunRecord], weights: Mapping[str, float]) -> float | None:
    """Return the sum of weight * score (METR's time-horizon analysis of 2025, ``average``)."""
    products = [weights[run.run_id] * run.score for run in runs if run.score is not None]
    return total(products) if products else None


def _floor(runs: Sequence[RunRecord], weigh: Weigh) -> float | None:
    """Return the overall score where each run without a score counts 0.

    Runs that are lost to the infrastructure may be lost for a reason that has to do with the agent; between this
    and the score without them lies what they could have changed for the worse.
    """
    all_scored = [run if has_score(run) else replace(run, status="scored", score=0.0) for run in runs]
    weights = {run.run_id: weight for run, weight in zip(all_scored, weigh(all_scored), strict=True)} if runs else {}
    return _overall(all_scored, weights)


def _count(runs: Sequence[RunRecord], planned_ids: set[str]) -> int:
    return sum(run.run_id in planned_ids for run in runs)


def _version_notes(runs: Sequence[RunRecord]) -> list[str]:
    """Name the tasks whose runs are not of one and the same task: their scores should not be averaged."""
    versions: dict[str, set[tuple[str | None, str]]] = {}
    for run in runs:
        versions.setdefault(run.task_id, set()).add((run.task_version, run.family_hash))
    return [f"task {task_id} has runs of {len(v)} versions of it" for task_id, v in versions.items() if len(v) > 1]
