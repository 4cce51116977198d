"""Who decides about stages, and who waits for it, by way of a file."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_metr.pacing import DECISIONS_FILE, Pacer, PaceReader
from pytest_metr.protocol.staging import StageRules
from pytest_metr.report import Journal
from pytest_metr.types import Bracket, EvaluationProtocol, PlannedRun, RunRow, TaskSpec

NAMES = ("short", "middle", "long")
RULES = StageRules(
    protocol=EvaluationProtocol(
        name="p",
        version="1",
        brackets=tuple(Bracket(name=name, upper=10.0 ** (place + 1)) for place, name in enumerate(NAMES)),
        staging_above=0.3,
    ),
    adaptive=False,
)
PLAN = [
    PlannedRun(
        run_id=name,
        nodeid=f"node of {name}",
        task=TaskSpec(family=name, name="t", family_dir="/", family_hash="h", human_minutes=5 * 10.0**place),
        run=1,
        agent="a",
    )
    for place, name in enumerate(NAMES)
]


class Session:
    """A session whose runs end when a test says so."""

    def __init__(self, folder: Path) -> None:
        self.rows: list[RunRow] = []
        self.stopped: str | None = None
        self.file = folder / DECISIONS_FILE
        self.journal = Journal(folder / "journal.jsonl")
        self.pacer = Pacer(
            RULES,
            folder,
            self.journal,
            plan=lambda: PLAN,
            rows=lambda: self.rows,
            undecided=lambda rows: None,
            stopped=lambda: self.stopped,
        )
        self.reader = PaceReader(RULES, folder)

    def end(self, name: str, score: float | None) -> None:
        """Let a run end, and the pacer be told."""
        minutes = next(run.task.human_minutes for run in PLAN if run.run_id == name)
        self.rows.append(
            RunRow(
                run_id=name,
                agent="a",
                task_id=f"{name}/t",
                family=name,
                status="infra_error" if score is None else "scored",
                score=score,
                success=None if score is None else score > 0.9,
                human_minutes=minutes,
            )
        )
        self.pacer.pytest_runtest_logfinish(f"node of {name}")

    def opened(self) -> list[bool]:
        """Return what is decided so far, as those who wait see it."""
        return [decision["opened"] for decision in json.loads(self.file.read_text(encoding="utf-8"))["decisions"]]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A session that has begun, and ends."""
    made = Session(tmp_path)
    made.pacer.begin()
    yield made
    made.pacer.pytest_sessionfinish()


def test_a_stage_is_decided_when_the_last_run_before_it_has_ended(session: Session) -> None:
    assert session.opened() == [True]
    session.end("short", 1.0)
    assert session.opened() == [True, True]
    session.end("middle", 0.0)
    assert session.opened() == [True, True, False]


def test_a_run_that_ended_before_its_stage_was_opened_is_not_waited_for(session: Session) -> None:
    session.end("middle", None)  # the worker died while it waited
    assert session.opened() == [True]
    session.end("short", 1.0)
    assert session.opened() == [True, True, True]


def test_who_waits_is_told_the_decision_and_its_reason(session: Session) -> None:
    assert session.reader.wait_for(PLAN[0], alone=False) is None
    told: list[object] = []
    waiting = threading.Thread(target=lambda: told.append(session.reader.wait_for(PLAN[1], alone=False)))
    waiting.start()
    session.end("short", 0.2)
    waiting.join(timeout=60)
    (failure,) = told
    assert failure is not None
    assert getattr(failure, "cause", None) == "staging"
    assert "a score of 0.2 on short is not above 0.3" in getattr(failure, "message", "")


@pytest.mark.parametrize("how", ["the session finishes", "no item is handed out any more"])
def test_nobody_waits_for_a_session_that_is_over(session: Session, how: str) -> None:
    if how == "the session finishes":
        session.pacer.pytest_sessionfinish()
    else:
        session.stopped = "maximum crashed workers reached"
    failure = session.reader.wait_for(PLAN[2], alone=False)
    assert failure is not None
    assert failure.cause == "stopped"
    session.end("short", 1.0)  # a run that was under way
    assert json.loads(session.file.read_text(encoding="utf-8"))["stopped"] == failure.message


def test_a_process_that_makes_all_runs_waits_for_nobody(session: Session) -> None:
    failure = session.reader.wait_for(PLAN[2], alone=True)
    assert failure is not None
    assert failure.message == "another plugin has changed the order of the runs"
