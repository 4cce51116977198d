"""Runs from what a session without a report left behind: its journal and its plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_metr.errors import UsageMistake
from pytest_metr.report.document import complete_runs
from pytest_metr.report.journal import JournalContent, read_journal
from pytest_metr.report.past import NOT_OURS, PastRuns
from pytest_metr.report.plan_file import plan_so_far
from pytest_metr.report.reading.parts import Part
from pytest_metr.report.reading.report_file import agent_kinds, read_protocol
from pytest_metr.report.reading.runset import JOURNAL, PLAN, Source
from pytest_metr.report.reading.values import Unreadable, milliseconds
from pytest_metr.types import (
    BY_ROUNDS,
    BY_STAGING,
    AgentSpec,
    Decision,
    EvaluationProtocol,
    Failure,
    PlannedRun,
    RunRecord,
    RunRow,
)

#: Decisions that left something out, by agent and by what: a bracket, or a round.
_Closed = dict[tuple[str, str | int | None], Decision]


def read_dead_session(folder: Path) -> Part:
    """Read the records of the journal, and a row without a score for each planned run that has none.

    Lines of the journal that cannot be read are passed over, and a note tells their numbers: such a line was
    being written when its process died.

    :raises UsageMistake: where the plan or the session's own line cannot be read, or nothing was planned or recorded.
    """
    journal, plan = read_journal(folder / JOURNAL), plan_so_far(folder / PLAN)
    facts = journal.facts
    try:
        kinds = agent_kinds(facts) if facts else {}
        protocol = read_protocol(facts)
        agents = [AgentSpec.from_json(agent) for agent in facts.get("agents", ())]
    except Unreadable as problem:
        raise UsageMistake(problem.message, file=folder / JOURNAL, key=problem.key) from None
    except NOT_OURS as error:
        problem_text = f"expected the agents of a session: {type(error).__name__}: {error}"
        raise UsageMistake(problem_text, file=folder / JOURNAL, key="session.agents") from None
    past = PastRuns(journal.lines)
    decisions, undecided = _decisions(journal)
    reasons = _left_out(plan.runs, decisions, protocol)
    records = past.records
    runs = complete_runs(
        agents=agents, planned=plan.runs, records=records, not_run=reasons, failed_tries=past.failed_tries
    )
    runs = [run for run in runs if run.own]
    if not runs:
        raise UsageMistake("expected at least one run, found none planned and none recorded", file=folder)
    recorded = {record.run_id for record in records}
    lost = sum(run.run_id not in recorded and run.run_id not in reasons for run in runs)
    source = Source(
        path=str(folder),
        kind="dead_session",
        rows=len(runs),
        protocol=protocol,
        broken_families=len(plan.broken),
        notes=(*_notes(journal, past.unreadable + undecided, lost), *past.doubled),
    )
    rows = [RunRow.of(run, agent_kind=kinds.get(run.agent), place=_place(run, recorded, folder)) for run in runs]
    return Part(source=source, rows=rows, starts=[milliseconds(run.started_at) for run in runs])


def _place(run: RunRecord, recorded: set[str], folder: Path) -> str:
    return f"{folder / (JOURNAL if run.run_id in recorded else PLAN)}: {run.run_id}"


def _left_out(
    planned: Sequence[PlannedRun], decisions: Sequence[Decision], protocol: EvaluationProtocol | None
) -> dict[str, Failure]:
    """Return by run id why a decision of the session left it out; the others were still to be made.

    A bracket that staging has closed is closed for all runs of its tasks, a round for all tasks that came so far.
    """
    reasons: dict[str, Failure] = {}
    if protocol is None:
        return reasons
    closed = [decision for decision in decisions if not decision.opened]
    brackets: _Closed = {(d.agent, d.bracket): d for d in closed if d.rule == BY_STAGING and d.bracket is not None}
    rounds: _Closed = {(d.agent, d.round): d for d in closed if d.rule == BY_ROUNDS and d.round is not None}
    for run in planned:
        agent = run.agent or ""
        bracket = protocol.bracket_of(run.task.human_minutes)
        decision = brackets.get((agent, bracket)) or rounds.get((agent, run.run))
        if decision is not None and not run.own_test:
            reasons[run.run_id] = Failure(kind="not_run", cause=decision.rule, message=decision.sentence)
    return reasons


def _decisions(journal: JournalContent) -> tuple[list[Decision], int]:
    """Return the decisions of a session, and how many lines of that kind are none that this version can read."""
    decisions: list[Decision] = []
    lines: Sequence[Mapping[str, Any]] = journal.of_kind("decision")
    for line in lines:
        try:
            decisions.append(Decision.from_json(line))
        except NOT_OURS:
            continue
    return decisions, len(lines) - len(decisions)


def _notes(journal: JournalContent, unreadable: int, lost: int) -> list[str]:
    notes = ["the session has no report: it died, or is still running"]
    if journal.damaged:
        notes.append(f"lines of the journal could not be read: {', '.join(map(str, journal.damaged))}")
    if unreadable:
        notes.append(f"{unreadable} lines of the journal are no records that this version can read")
    if lost:
        notes.append(f"{lost} planned {'run has' if lost == 1 else 'runs have'} no record")
    return notes
