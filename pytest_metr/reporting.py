"""The report of a session, made from what is on disk alone: the plan, and the journal.

So it can be made as well when the session has died.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.bench import Bench
from pytest_metr.errors import UsageMistake
from pytest_metr.gate import Gate
from pytest_metr.judging import Judging, WeighRecords
from pytest_metr.pacing import by_stage, failure_by
from pytest_metr.protocol.staging import StageRules, standing
from pytest_metr.report import (
    JournalContent,
    SessionInfo,
    build_report,
    complete_runs,
    public_rows,
    read_journal,
    write_json,
    write_jsonl,
)
from pytest_metr.terms import Terms, recorded_terms
from pytest_metr.types import AgentSpec, Decision, Failure, Limits, Plan, PlannedRun, RunRecord, now


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
        "limits": Limits(wall_seconds=bench.settings.time_limit).to_json(),
        "agents": [spec.to_json() for spec in bench.agents.values()],
    }


def read_plan(session_dir: Path) -> Plan:
    """Return the plan of a session; an empty one where nothing was collected yet."""
    file = session_dir / "plan.json"
    try:
        return Plan.from_json(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Plan()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageMistake(f"expected the plan of a session: {type(error).__name__}: {error}", file=file) from None


def read_records(session_dir: Path) -> list[RunRecord]:
    """Return the records of all finished runs, in the order in which they ended."""
    return readable_records(read_journal(session_dir / "journal.jsonl"))[0]


def readable_records(journal: JournalContent) -> tuple[list[RunRecord], int]:
    """Return the records of a journal, and how many lines of runs are no records that this version can read."""
    records, unreadable = [], 0
    for line in journal.of_kind("run"):
        try:
            records.append(RunRecord.from_json(line))
        except (KeyError, TypeError, ValueError, AttributeError):
            unreadable += 1
    return records, unreadable


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
    records, unreadable = readable_records(journal)
    plan = read_plan(session_dir)
    facts = next(iter(journal.of_kind("session")), {})
    terms = recorded_terms(facts)
    decisions = [Decision.from_json(line) for line in journal.of_kind("decision")]
    runs, doubled = complete_runs(
        agents=[AgentSpec.from_json(agent) for agent in facts.get("agents", ())],
        planned=plan.runs,
        records=records,
        not_run=_reasons(plan.runs, terms.rules, decisions, ended),
    )
    judging = Judging(runs, terms.protocol, facts, weigh=weigh, broken_families=len(plan.broken))
    judged = replace(judging.judged(gate), decisions=decisions)
    report = build_report(
        session=_session_info(facts, records, judged.protocol.weighting, ended),
        runs=runs,
        planned=plan.runs,
        judged=judged,
        broken_families=plan.broken,
        notes=[*_notes(journal, unreadable), *doubled],
        files={name: name for name in ("journal.jsonl", "plan.json", "report.json", "runs.jsonl", "transcripts")},
    )
    recorded = {record.run_id for record in records}
    unrecorded = [run for run in runs if run.run_id not in recorded]
    write_json(session_dir / "report.json", report)
    write_jsonl(session_dir / "runs.jsonl", public_rows([*records, *unrecorded]))
    return report


def _reasons(
    planned: Sequence[PlannedRun], rules: StageRules, decisions: Sequence[Decision], ended: Ended
) -> dict[str, Failure]:
    """Return by run id why it has no record: a decision left it out, or the session ended before it."""
    known = by_stage(decisions, planned, rules)
    reasons = {}
    for run in planned:
        try:
            decision = standing(run, rules, known)
        except KeyError:
            reasons[run.run_id] = ended.failure
        else:
            reasons[run.run_id] = ended.failure if decision.opened else failure_by(decision)
    return reasons


def _session_info(facts: Mapping[str, Any], records: Sequence[RunRecord], weighting: str, ended: Ended) -> SessionInfo:
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
            "sandbox": _sandbox(records),
        }
    )


def _sandbox(records: Sequence[RunRecord]) -> dict[str, Any] | None:
    """Return what the sandboxes of the session have in common: where images differ, each run names its own."""
    infos = [record.sandbox for record in records if record.sandbox is not None]
    if not infos:
        return None
    images = {info.image for info in infos}
    return replace(infos[0], image=images.pop() if len(images) == 1 else "named by each run").to_json()


def _notes(journal: JournalContent, unreadable: int) -> list[str]:
    notes = [f"the teardown of {t['run_id']} failed: {t['message']}" for t in journal.of_kind("teardown_error")]
    for crash in journal.of_kind("crash"):
        notes.append(f"a worker died after {crash['run_id']} was recorded; whether it was torn down is not known")
    if unreadable:
        notes.append(f"{unreadable} lines of the journal are no records of runs that this version can read")
    if journal.damaged:
        notes.append(f"lines of the journal could not be read: {', '.join(map(str, journal.damaged))}")
    return notes
