"""The document of ``report.json``: everything about a session in one place, with nothing planned left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_metr.report.session import SCHEMA_NAME, SCHEMA_VERSION, SessionInfo
from pytest_metr.report.strict import plain
from pytest_metr.report.tables import bracket_rows, coverage, task_rows
from pytest_metr.types import (
    AgentResult,
    AgentSpec,
    BrokenFamily,
    Decision,
    EvaluationProtocol,
    FailedTry,
    Failure,
    PlannedRun,
    RunRecord,
    Verdict,
    now,
)

NO_RECORD = Failure(kind="not_run", cause="no_record", message="the session has no record of this run")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a protocol says of a session's runs.

    :param results: by agent; an agent without one is in *problems*.
    :param weights: by run id, the weight of each run that counts.
    :param problems: by agent, why there are no numbers.
    :param verdict: the gate's, where the session has one.
    """

    protocol: EvaluationProtocol
    results: Mapping[str, AgentResult]
    weights: Mapping[str, float]
    problems: Mapping[str, str] = field(default_factory=dict)
    decisions: Sequence[Decision] = ()
    verdict: Verdict | None = None


def complete_runs(
    *,
    agents: Sequence[AgentSpec],
    planned: Sequence[PlannedRun],
    records: Sequence[RunRecord],
    not_run: Mapping[str, Failure],
    failed_tries: Mapping[str, tuple[FailedTry, ...]] | None = None,
) -> list[RunRecord]:
    """Return every run of a session, so that nothing that was planned is left out.

    Planned runs come first, in the order of the plan, then the records of runs that were not planned. A planned
    run without a record appears as ``not_run``.

    :param records: the last record of each run that has one.
    :param not_run: by run id, why a planned run has no record.
    :param failed_tries: by run id, the tries that came to nothing, where there were any.
    """
    by_id = {record.run_id: record for record in records}
    runs = [
        by_id.pop(plan.run_id) if plan.run_id in by_id else _missing(plan, agents, not_run.get(plan.run_id, NO_RECORD))
        for plan in planned
    ]
    tried = failed_tries or {}
    return [
        replace(run, failed_tries=tried[run.run_id]) if run.run_id in tried else run for run in (*runs, *by_id.values())
    ]


def build_report(
    *,
    session: SessionInfo,
    runs: Sequence[RunRecord],
    planned: Sequence[PlannedRun],
    judged: Judged,
    broken_families: Sequence[BrokenFamily] = (),
    notes: Sequence[str] = (),
    files: Mapping[str, str] | None = None,
    created_at: str | None = None,
) -> dict[str, Any]:
    """Return the report as strict JSON data that :func:`~pytest_metr.report.report_schema` describes.

    :param runs: all runs of the session, from :func:`complete_runs`.
    :param notes: sentences for the reader, without secrets.
    :param files: the paths of the session's files by name, for example ``journal`` and ``report``.
    :param created_at: now, unless given.
    """
    planned_ids = {plan.run_id for plan in planned}
    agents = [
        _agent_entry(spec, [run for run in runs if run.agent == spec.name], planned_ids, judged)
        for spec in _all_agents(session.agents, runs)
    ]
    document = {
        "schema": SCHEMA_NAME,
        "schema_version": SCHEMA_VERSION,
        "created_at": created_at or now(),
        "session": session,
        "protocol": judged.protocol,
        "gate": judged.verdict,
        "decisions": list(judged.decisions),
        "coverage": coverage(runs, _count(runs, planned_ids)),
        "agents": agents,
        "runs": [{**run.to_json(), "success": run.success, "weight": judged.weights.get(run.run_id)} for run in runs],
        "broken_families": list(broken_families),
        "notes": [*notes, *_version_notes(runs)],
        "files": dict(files or {}),
    }
    cleaned: dict[str, Any] = plain(document)
    return cleaned


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


def _agent_entry(spec: AgentSpec, runs: Sequence[RunRecord], planned_ids: set[str], judged: Judged) -> dict[str, Any]:
    result = judged.results.get(spec.name)
    own = [run for run in runs if run.own]
    return {
        "name": spec.name,
        "identity": spec.identity,
        "model": spec.model,
        "scaffold": spec.scaffold,
        # The tasks are below, with each score.
        "result": None if result is None else replace(result, task_results=()),
        "problem": judged.problems.get(spec.name),
        "coverage": coverage(runs, _count(runs, planned_ids)),
        "brackets": bracket_rows(own, judged.protocol),
        "tasks": task_rows(own, judged.protocol),
    }


def _count(runs: Sequence[RunRecord], planned_ids: set[str]) -> int:
    return sum(run.run_id in planned_ids for run in runs)


def _version_notes(runs: Sequence[RunRecord]) -> list[str]:
    """Name the tasks whose runs are not of one and the same task: their scores should not be averaged."""
    versions: dict[str, set[tuple[str | None, str]]] = {}
    for run in runs:
        versions.setdefault(run.task_id, set()).add((run.task_version, run.family_hash))
    return [f"task {task_id} has runs of {len(v)} versions of it" for task_id, v in versions.items() if len(v) > 1]
