"""Tasks, plans, records and sessions to report on, by hand and by hypothesis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from pytest_metr.gate import Gate
from pytest_metr.judging import Judging, WeighRecords
from pytest_metr.protocol import load_protocol
from pytest_metr.report import PastRuns, SessionInfo, build_report, complete_runs
from pytest_metr.types import (
    AgentSpec,
    Decision,
    Failure,
    LimitHit,
    Limits,
    PlannedRun,
    RunRecord,
    RunStatus,
    SandboxInfo,
    ScoreEntry,
    TaskSpec,
    Usage,
    bracket_of,
)

#: For tests of properties: as many examples as a slow machine bears, and no deadline.
properties = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

START, END = "2025-03-01T12:00:00.000Z", "2025-03-01T12:01:30.250Z"


def make_task(task_id: str = "family/task", minutes: float | None = 10.0, **more: Any) -> TaskSpec:
    family, _, name = task_id.partition("/")
    return TaskSpec(
        family=family, name=name, family_dir=f"/{family}", family_hash="f" * 64, human_minutes=minutes, **more
    )


def make_plan(task: TaskSpec, run: int = 1, agent: str | None = "gpt") -> PlannedRun:
    return PlannedRun(
        run_id=f"{task.family}-{task.name}-{agent}-{run}",
        nodeid=f"{task.id}[run{run}]",
        task=task,
        run=run,
        agent=agent,
    )


def make_record(plan: PlannedRun, status: RunStatus = "scored", score: float | None = None, **more: Any) -> RunRecord:
    task = plan.task
    fields: dict[str, Any] = {
        "run_id": plan.run_id,
        "nodeid": plan.nodeid,
        "task_id": task.id,
        "family": task.family,
        "family_hash": task.family_hash,
        "task_version": task.version,
        "run": plan.run,
        "agent": plan.agent or "gpt",
        "agent_identity": "a" * 64,
        "model": None,
        "scaffold": None,
        "status": status,
        "score": score,
        "success_threshold": task.success_threshold,
        "human_minutes": task.human_minutes,
        "human_source": task.human_source,
        "bracket": task.bracket,
        "started_at": START,
        "completed_at": END,
    }
    return RunRecord(**{**fields, **more})


def make_session(*agents: AgentSpec, **more: Any) -> SessionInfo:
    fields: dict[str, Any] = {
        "started_at": START,
        "ended_at": END,
        "command_line": ("tasks", "--agent=gpt"),
        "exit_status": "all passed",
        "versions": {"python": "3.12.1", "pytest": "9.0", "pytest_metr": "0.1.0"},
        "platform": "Linux-6.1-x86_64",
        "sandbox": SandboxInfo(provider="bubblewrap", image="host"),
        "weighting": "invsqrt_family",
        "runs_per_task": 1,
        "agents": agents or (AgentSpec(name="gpt", kind="command", identity="a" * 64),),
    }
    return SessionInfo(**{**fields, **more})


def broken(cause: str, kind: str = "infrastructure") -> Failure:
    return Failure(kind=kind, cause=cause, message=f"something about {cause}")


def even(runs: Any) -> list[float]:
    """Weigh every run the same."""
    return [1 / len(runs)] * len(runs)


def report_of(
    planned: Sequence[PlannedRun],
    records: Sequence[RunRecord],
    *,
    session: SessionInfo | None = None,
    weigh: WeighRecords | None = even,
    not_run: Mapping[str, Failure] | None = None,
    decisions: Sequence[Decision] = (),
    gate: Gate | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return the report on these records under the plain protocol, as a session makes it."""
    session = session or make_session()
    past = PastRuns({"kind": "run", **record.to_json()} for record in records)
    runs = complete_runs(
        agents=session.agents,
        planned=planned,
        records=past.records,
        not_run=not_run or {},
        failed_tries=past.failed_tries,
    )
    kinds = {"agents": [agent.to_json() for agent in session.agents]}
    protocol = replace(load_protocol("plain"), draws=40)
    judged = Judging(runs, protocol, kinds, weigh=weigh).judged(gate)
    more["notes"] = [*more.get("notes", ()), *past.doubled]
    return build_report(
        session=session, runs=runs, planned=planned, judged=replace(judged, decisions=decisions), **more
    )


#: Any text that can be in memory, lone surrogates and NUL included.
texts = st.text(st.characters(), max_size=8)
any_float = st.floats(allow_nan=True, allow_infinity=True)
#: A task's score is finite: see pytest_metr.standard.
any_score = st.floats(allow_nan=False, allow_infinity=False)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | any_float | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
_optional_text = st.none() | texts
_texts_by_name = st.dictionaries(texts, texts, max_size=2)
_score_entries = st.builds(
    ScoreEntry, score=any_float, message=any_json, details=any_json, scored_at=st.just(START), elapsed_seconds=any_float
)
_limits = st.builds(Limits, wall_seconds=st.none() | st.floats(0, 1e6))


@st.composite
def records(draw: st.DrawFn, number: int = 0) -> RunRecord:
    """Any record that keeps the contract of its class, of a few tasks and agents."""
    status: RunStatus = draw(
        st.sampled_from(["scored", "needs_score", "limit", "agent_error", "infra_error", "not_run"])
    )
    with_score = status in ("scored", "limit", "agent_error")
    minutes = draw(st.none() | st.floats(0.1, 1e5))
    made = status != "not_run"
    family = draw(st.sampled_from("ab"))
    return RunRecord(
        run_id=f"run-{number}",
        nodeid=draw(texts),
        task_id=f"{family}/{draw(st.sampled_from('xyz'))}",
        family=family,
        family_hash=draw(texts),
        task_version=draw(_optional_text),
        run=draw(st.integers(1, 9)),
        agent=draw(st.sampled_from(["gpt", "other"])),
        agent_identity=draw(texts),
        model=draw(_optional_text),
        scaffold=draw(_optional_text),
        status=status,
        score=draw(st.none() | any_score) if with_score else None,
        success_threshold=draw(st.floats(0, 1)),
        human_minutes=minutes,
        human_source=draw(st.sampled_from([None, "baseline", "qa", "estimate"])),
        bracket=bracket_of(minutes),
        domains=tuple(draw(st.lists(texts, max_size=2))),
        split=draw(st.sampled_from([None, "dev", "test"])),
        submission=draw(_optional_text),
        intermediate_scores=tuple(draw(st.lists(_score_entries, max_size=1))),
        usage=draw(st.builds(Usage, seconds=st.floats(0, 1e6), tokens=st.none() | st.integers(0, 10**9))),
        limits=draw(_limits),
        limit_hit=draw(st.builds(LimitHit, name=texts, allowed=any_float)) if status == "limit" else None,
        failure=draw(st.none() | st.builds(Failure, kind=texts, cause=texts, message=texts, evidence=_texts_by_name)),
        notes=tuple(draw(st.lists(texts, max_size=1))),
        scoring_output=draw(_texts_by_name),
        sandbox=draw(st.none() | st.builds(SandboxInfo, provider=texts, image=texts, versions=_texts_by_name)),
        transcript=draw(_optional_text),
        started_at=START if made else "",
        completed_at=END if made else "",
        durations=draw(st.dictionaries(texts, st.floats(0, 1e6), max_size=2)),
    )


@st.composite
def many_records(draw: st.DrawFn) -> list[RunRecord]:
    """Up to four records of different runs."""
    return [draw(records(number)) for number in range(draw(st.integers(0, 4)))]
