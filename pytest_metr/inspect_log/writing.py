"""A session as logs of Inspect: one for each agent, with a sample for each run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog, EvalSample, EvalStats, EvalStatus, write_eval_log

from pytest_metr.inspect_log.clean import clean_text, written
from pytest_metr.inspect_log.results import eval_results, reductions
from pytest_metr.inspect_log.sample import Run, make_sample
from pytest_metr.inspect_log.spec import begun, eval_plan, eval_spec
from pytest_metr.inspect_log.usage import usage_by_model
from pytest_metr.inspect_log.written import WrittenLog
from pytest_metr.report import writing
from pytest_metr.report.reading import WholeSession, read_transcript
from pytest_metr.report.session import SessionInfo
from pytest_metr.types import AgentSpec, Finding, RunRecord

#: What a report says of a session that came to its end.
_CAME_TO_ITS_END = ("no failures", "failures")


def export_session(
    session: WholeSession,
    out: Path,
    *,
    agents: Sequence[str] = (),
    tasks: Sequence[str] = (),
    findings: Mapping[str, Finding] | None = None,
) -> list[WrittenLog]:
    """Write the logs of a session into a folder, which is made where it is missing.

    A session that is exported again takes the place of its own logs.

    :param agents: only these; all where none is named.
    :param tasks: only tasks whose id matches one of these patterns; all where there is none.
    :param findings: by run id, what people who read the runs say of them.
    :raises UsageMistake: where a log cannot be written.
    :raises OSError: where a transcript cannot be read.
    """
    logs = []
    for agent in all_agents(session):
        runs = [run for run in session.runs if run.agent == agent.name and _wanted(run, tasks)]
        if runs and (not agents or agent.name in agents):
            logs.append(_export_agent(session, agent, runs, out, tasks=tasks, findings=findings or {}))
    return logs


def all_agents(session: WholeSession) -> list[AgentSpec]:
    """Return the agents of a session, and those that only its runs know of."""
    agents = {agent.name: agent for agent in session.info.agents}
    for run in session.runs:
        if run.agent not in agents:
            agents[run.agent] = AgentSpec(
                name=run.agent, kind="unknown", identity=run.agent_identity, model=run.model, scaffold=run.scaffold
            )
    return list(agents.values())


def _wanted(run: RunRecord, tasks: Sequence[str]) -> bool:
    return not tasks or any(fnmatchcase(run.task_id, pattern) for pattern in tasks)


def _export_agent(
    session: WholeSession,
    agent: AgentSpec,
    records: Sequence[RunRecord],
    out: Path,
    *,
    tasks: Sequence[str],
    findings: Mapping[str, Finding],
) -> WrittenLog:
    runs = _runs(session, [record for record in records if record.status != "not_run"], findings)
    missing = [record for record in records if record.status == "not_run"]
    causes = Counter(record.failure.cause if record.failure is not None else "unknown" for record in missing)
    unmapped: Counter[str] = Counter()
    samples = list(_samples(session, runs, unmapped))
    result, problem = _numbers(session, agent, tasks)
    more = {
        "not_run": {"runs": len(missing), "causes": dict(causes)},
        "unmapped_events": dict(unmapped),
        "notes": session.document.get("notes", []),
        "only_tasks": list(tasks),
    }
    spec = eval_spec(agent, session.info, runs, session.document.get("protocol"), more)
    log = EvalLog(
        version=2,
        status=_status(session.info, runs),
        eval=spec,
        plan=eval_plan(agent),
        results=eval_results(runs, result, problem, len(records)),
        stats=_stats(session.info, runs),
        samples=samples,
    )
    log.reductions = reductions(runs)  # Inspect takes them beside results as JSON alone
    path = out / _file_name(log)
    _write(log, path)
    without = sum(session.transcript(run.record.transcript) is None for run in runs)
    return WrittenLog(
        agent=agent.name,
        file=str(path),
        samples=len(runs),
        not_run=len(missing),
        without_transcript=without,
        unmapped=dict(sorted(unmapped.items())),
    )


def _numbers(session: WholeSession, agent: AgentSpec, tasks: Sequence[str]) -> tuple[Mapping[str, Any], str | None]:
    """Return what the session's protocol says of an agent, and why where that is nothing.

    It says nothing of some of the tasks alone.
    """
    if tasks:
        return {}, "the log has not all tasks of the session, and its protocol speaks of all of them"
    for entry in session.document.get("agents", ()):
        if entry["name"] == agent.name:
            return entry.get("result") or {}, entry.get("problem")
    return {}, "the report has no such agent"


def _runs(session: WholeSession, records: Sequence[RunRecord], findings: Mapping[str, Finding]) -> list[Run]:
    """Return the runs that are samples; each has an id and a number that no other has."""
    weights = {run["run_id"]: run.get("weight") for run in session.document["runs"]}
    taken: set[tuple[str, int]] = set()
    runs = []
    for record in records:
        id = record.task_id if record.control is None else f"{record.task_id} ({record.control.name})"
        if (id, record.run) in taken:
            id = record.run_id
        taken.add((id, record.run))
        runs.append(
            Run(
                id=clean_text(id),
                epoch=record.run,
                record=record,
                session=session.info.started_at,
                weight=weights.get(record.run_id),
                finding=findings.get(record.run_id),
            )
        )
    return runs


def _samples(session: WholeSession, runs: Sequence[Run], unmapped: Counter[str]) -> Iterator[EvalSample]:
    for run in runs:
        path = session.transcript(run.record.transcript)
        made = make_sample(run, read_transcript(path) if path is not None else ())
        unmapped.update(made.unmapped)
        yield made.sample


def _status(info: SessionInfo, runs: Sequence[Run]) -> EvalStatus:
    """Return Inspect's word for how a session ended: an error is one in which no run came to its end."""
    if not any(run.record.settled for run in runs):
        return "error"
    return "success" if info.exit_status in _CAME_TO_ITS_END else "cancelled"


def _stats(info: SessionInfo, runs: Sequence[Run]) -> EvalStats:
    used = [usage for run in runs for usage in run.record.usage.models]
    return EvalStats(
        started_at=begun(info), completed_at=written(info.ended_at) or "", model_usage=usage_by_model(used)
    )


def _file_name(log: EvalLog) -> str:
    """Return a name in the form that Inspect lists without looking inside."""
    moment = log.eval.created.replace(":", "-")
    task = log.eval.task.replace("_", "-")
    safe = "".join(char if char.isascii() and (char.isalnum() or char == "-") else "-" for char in task)
    return f"{moment}_{safe}_{log.eval.task_id}.eval"


def _write(log: EvalLog, path: Path) -> None:
    """Write a log so that there is a whole one or none under its name. :raises UsageMistake: where it cannot be."""
    part = path.with_name(f".{path.name}.part")
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_eval_log(log, str(part), format="eval")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
