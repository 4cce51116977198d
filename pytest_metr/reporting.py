"""The report of a session, made from what is on disk alone: the plan, and the journal.

So it can be made as well when the session has died.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.bench import Bench
from pytest_metr.gate import Gate
from pytest_metr.judging import Judging, WeighRecords
from pytest_metr.pacing import by_stage, failure_by
from pytest_metr.protocol.staging import StageRules, standing
from pytest_metr.report import (
    JournalContent,
    PastRuns,
    SessionInfo,
    build_report,
    complete_runs,
    plan_so_far,
    public_rows,
    read_journal,
    write_json,
    write_jsonl,
)
from pytest_metr.terms import Terms, recorded_terms
from pytest_metr.types import AgentSpec, Decision, Failure, Plan, PlannedRun, RunRecord, now


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a session ended.

    :param status: in words, for the report.
    :param failure: why runs that were planned have no record.
    """

    status: str
    failure: Failure

    @classmethod
    def by(cls, cause: str, message: str) -> Ended:
        """Return an end with its cause, for example ``interrupted``, and a sentence about it."""
        return cls(status=message, failure=Failure(kind="not_run", cause=cause, message=message))


def how_it_ended(session: pytest.Session) -> Ended:
    """Return how a session that has come to its end ended."""
    stopped = session.shouldstop or session.shouldfail
    if stopped:
        return Ended.by("stopped", f"the session was stopped: {stopped}")
    if session.exitstatus == pytest.ExitCode.INTERRUPTED:
        return Ended.by("interrupted", "the session was interrupted")
    if session.exitstatus in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        return Ended.by("session_error", "the session ended with an error")
    words = {int(pytest.ExitCode.OK): "no failures", int(pytest.ExitCode.TESTS_FAILED): "failures"}
    word = words.get(int(session.exitstatus), f"exit status {int(session.exitstatus)}")
    return Ended(status=word, failure=Failure(kind="not_run", cause="no_record", message="no process finished it"))


def session_facts(config: pytest.Config, bench: Bench, terms: Terms, provider: str) -> dict[str, Any]:
    """Return the journal's first line: what the session was asked for, and with which versions."""
    return {
        "started_at": now(),
        "command_line": list(config.invocation_params.args),
        "versions": {
            "python": platform.python_version(),
            "pytest": pytest.__version__,
            "pytest_metr": version("pytest-metr"),
        },
        "platform": platform.platform(),
        "provider": provider,
        "protocol": terms.protocol.to_json(),
        "adaptive": terms.rules.adaptive,
        "runs_per_task": terms.runs,
        "limits": bench.settings.limits.to_json(),
        "guidance": None if bench.guidance is None else bench.guidance.to_json(),
        "agents": [spec.to_json() for spec in bench.agents.values()],
    }


def read_plan(session_dir: Path) -> Plan:
    """Return the plan of a session; an empty one where nothing was collected yet."""
    return plan_so_far(session_dir / "plan.json")


def read_past(session_dir: Path) -> PastRuns:
    """Return what the journal of a session says of its runs."""
    return PastRuns(read_journal(session_dir / "journal.jsonl").lines)


def write_report(
    session_dir: Path, *, ended: Ended, weigh: WeighRecords | None = None, gate: Gate | None = None
) -> dict[str, Any]:
    """Make ``report.json`` and ``runs.jsonl`` from the plan and the journal of a session, and return the report.

    :param ended: how the session ended, which is why planned runs have no record.
    :param weigh: asks the hook for weights; None, or an answer of None, leaves them to the protocol.
    :raises OSError: where a file cannot be read or written; what was there before stays.
    :raises UsageMistake: where the gate asks for what there is not.
    """
    journal = read_journal(session_dir / "journal.jsonl")
    past = PastRuns(journal.lines)
    plan = read_plan(session_dir)
    facts = journal.facts
    terms = recorded_terms(facts)
    decisions = [Decision.from_json(line) for line in journal.of_kind("decision")]
    runs = complete_runs(
        agents=[AgentSpec.from_json(agent) for agent in facts.get("agents", ())],
        planned=plan.runs,
        records=past.records,
        not_run=_reasons(plan.runs, terms.rules, decisions, ended),
        failed_tries=past.failed_tries,
    )
    judging = Judging(runs, terms.protocol, facts, weigh=weigh, broken_families=len(plan.broken))
    judged = replace(judging.judged(gate), decisions=decisions)
    report = build_report(
        session=_session_info(facts, journal, runs, judged.protocol.weighting, ended),
        runs=runs,
        planned=plan.runs,
        judged=judged,
        broken_families=plan.broken,
        notes=[*_notes(journal, past.unreadable), *past.doubled],
        files={name: name for name in ("journal.jsonl", "plan.json", "report.json", "runs.jsonl", "transcripts")},
    )
    write_json(session_dir / "report.json", report)
    write_jsonl(session_dir / "runs.jsonl", public_rows([run for run in _as_they_ended(runs, past) if run.own]))
    return report


def _as_they_ended(runs: Sequence[RunRecord], past: PastRuns) -> list[RunRecord]:
    """Return the runs in the order in which they ended, those without a record last."""
    places = {record.run_id: place for place, record in enumerate(past.records)}
    return sorted(runs, key=lambda run: places.get(run.run_id, len(places)))


def _reasons(
    planned: Sequence[PlannedRun], rules: StageRules, decisions: Sequence[Decision], ended: Ended
) -> dict[str, Failure]:
    """Return by run id why it has no record: a decision left it out, or the session ended before it."""
    known = by_stage(decisions, rules)
    reasons = {}
    for run in planned:
        try:
            decision = standing(run, rules, known)
        except KeyError:
            reasons[run.run_id] = ended.failure
        else:
            reasons[run.run_id] = ended.failure if decision.opened else failure_by(decision)
    return reasons


def _session_info(
    facts: Mapping[str, Any], journal: JournalContent, runs: Sequence[RunRecord], weighting: str, ended: Ended
) -> SessionInfo:
    return SessionInfo.from_json(
        {
            "started_at": "",
            "command_line": [],
            "versions": {},
            "platform": "",
            "runs_per_task": 0,
            **facts,
            "ended_at": now(),
            "exit_status": ended.status,
            "weighting": weighting,
            "sandbox": _sandbox(runs),
            "resumed": journal.of_kind("resume"),
        }
    )


def _sandbox(runs: Sequence[RunRecord]) -> dict[str, Any] | None:
    """Return what the sandboxes of the session have in common: where images differ, each run names its own."""
    infos = [run.sandbox for run in runs if run.sandbox is not None]
    if not infos:
        return None
    images = {info.image for info in infos}
    return replace(infos[0], image=images.pop() if len(images) == 1 else "named by each run").to_json()


def _notes(journal: JournalContent, unreadable: int) -> list[str]:
    notes = [
        f"resumed at {resumed['at']} although something had changed: {change}"
        for resumed in journal.of_kind("resume")
        for change in resumed.get("changes", ())
    ]
    notes += [f"the teardown of {t['run_id']} failed: {t['message']}" for t in journal.of_kind("teardown_error")]
    for crash in journal.of_kind("crash"):
        notes.append(f"a worker died after {crash['run_id']} was recorded; whether it was torn down is not known")
    if unreadable:
        notes.append(f"{unreadable} lines of the journal are no records of runs that this version can read")
    if journal.damaged:
        notes.append(f"lines of the journal could not be read: {', '.join(map(str, journal.damaged))}")
    return notes
