"""What a session looks like while it runs, counted from the files in its folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_metr.report import Journal, write_json
from pytest_metr.report.progress import STATUS_DIR, Board, ProcessState, RunInHand, SessionView, progress_lines
from pytest_metr.report.progress.lines import columns
from pytest_metr.report.progress.state import write_state
from pytest_metr.report.progress.view import InHand, Life
from pytest_metr.types import FailedTry, Plan, PlannedRun, RunRecord, Usage
from tests.unit.report.records import broken, make_plan, make_record, make_task

BEGAN, LATER, RESUMED = "2025-03-01T12:00:00.000Z", "2025-03-01T12:40:12.500Z", "2025-03-02T08:00:00.000Z"
RUNS = [make_plan(make_task(f"family/{name}")) for name in "abcdef"]


def life_of(mark: str) -> Life:
    """Say of a process what its mark says."""
    if mark == "dead":
        return "dead"
    if mark == "alive":
        return "alive"
    raise ValueError(mark)


class Session:
    """The folder of a session in which six runs are planned."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = Journal(folder / "journal.jsonl")
        self.journal.append("session", {"started_at": BEGAN})
        write_json(folder / "plan.json", Plan(runs=tuple(RUNS)).to_json())
        self.board = Board(folder, life_of=life_of)

    def ended(self, record: RunRecord) -> None:
        self.journal.append("run", record.to_json())

    def failed(self, planned: PlannedRun) -> tuple[FailedTry]:
        """Have a try fail, and return what the run's next record says of it."""
        record = make_record(planned, "infra_error", failure=broken("daemon"))
        self.journal.append("try", {"try": 1, **record.to_json()})
        return (FailedTry.of(record),)

    def has(self, process: str, planned: PlannedRun, *, mark: str = "alive", at: str = LATER, **more: object) -> None:
        (self.folder / STATUS_DIR).mkdir(exist_ok=True)
        state = ProcessState(process=process, owner=mark, updated_at=at, run=in_hand(planned, **more))
        write_state(self.folder / STATUS_DIR, state)

    def resumed(self) -> None:
        self.journal.append("resume", {"at": RESUMED})


def in_hand(planned: PlannedRun, **more: object) -> RunInHand:
    data = {
        "run_id": planned.run_id,
        "task_id": planned.task.id,
        "run": planned.run,
        "agent": planned.agent,
        "number": 1,
        "started_at": BEGAN,
        "phase": "agent",
        "since": BEGAN,
    }
    return RunInHand.from_json({**data, **more})


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


def counts(view: SessionView) -> dict[str, int]:
    """Return the counts of a view that are not 0."""
    return {name: value for name, value in view.to_json().items() if type(value) is int and value}


def test_every_planned_run_is_done_running_or_waiting(session: Session) -> None:
    session.ended(make_record(RUNS[0], "scored", 1.0, usage=Usage(tokens=1000, cost=0.5)))
    session.ended(make_record(RUNS[1], "limit", 0.2))
    tries = session.failed(RUNS[2])
    session.ended(make_record(RUNS[2], "infra_error", failure=broken("daemon"), failed_tries=tries))
    session.ended(make_record(RUNS[3], "needs_score"))
    session.has("gw0", RUNS[4], tokens=200, cost=0.25)
    assert counts(session.board.view()) == {
        "planned": 6,
        "done": 4,
        "passed": 1,
        "failed": 1,
        "needs_score": 1,
        "infra_errors": 1,
        "running": 1,
        "waiting": 1,
        "retried": 1,
        "tokens": 1200,
    }
    assert session.board.view().cost == 0.75


def test_a_run_on_record_that_is_still_torn_down_is_running_and_counts_once(session: Session) -> None:
    session.ended(make_record(RUNS[0], "scored", 1.0, usage=Usage(tokens=1000)))
    session.has("main", RUNS[0], phase="teardown", tokens=1000)
    view = session.board.view()
    assert (view.done, view.running, view.waiting, view.tokens) == (0, 1, 5, 1000)
    session.has("main", RUNS[1])
    view = session.board.view()
    assert (view.done, view.running, view.waiting, view.tokens) == (1, 1, 4, 1000)


def test_after_a_session_was_taken_up_again_nothing_counts_twice(session: Session) -> None:
    session.ended(make_record(RUNS[0], "scored", 1.0))
    failed = make_record(RUNS[1], "infra_error", failure=broken("daemon"))
    session.ended(failed)
    session.has("gw7", RUNS[2], mark="dead")  # left by a worker of the session that died
    assert (session.board.view().done, session.board.view().infra_errors) == (2, 1)
    session.resumed()
    view = session.board.view()
    assert counts(view) == {"planned": 6, "done": 1, "passed": 1, "kept": 1, "waiting": 5, "retried": 1}
    assert (view.started_at, view.in_hand) == (RESUMED, ())
    session.ended(make_record(RUNS[1], "scored", 0.0, failed_tries=(FailedTry.of(failed),)))
    expected = {"planned": 6, "done": 2, "passed": 1, "failed": 1, "kept": 1, "waiting": 4, "retried": 1}
    assert counts(session.board.view()) == expected


def test_a_dead_worker_is_told_of_until_its_run_is_on_record_or_in_other_hands(session: Session) -> None:
    session.has("gw0", RUNS[0], mark="dead")
    session.has("gw1", RUNS[1], mark="dead")
    view = session.board.view()
    assert [(each.process, each.life) for each in view.in_hand] == [("gw0", "dead"), ("gw1", "dead")]
    assert (view.running, view.waiting) == (0, 6)
    session.has("gw2", RUNS[0], number=2)
    session.ended(make_record(RUNS[1], "infra_error", failure=broken("worker_crashed")))
    view = session.board.view()
    assert [(each.process, each.life) for each in view.in_hand] == [("gw2", "alive")]
    assert (view.running, view.infra_errors, view.retried) == (1, 1, 1)


def test_in_a_session_that_died_nothing_runs_and_time_stands_still(session: Session) -> None:
    session.has("gw0", RUNS[0], mark="what another machine's process says")
    assert session.board.view().in_hand[0].life == "unknown"
    view = session.board.view("died")
    assert (view.running, view.in_hand[0].life, view.at) == (0, "dead", LATER)
    head, line = progress_lines(view, width=100)
    assert head == "metr 0:40:12  died: 0 of 6 done, 6 not made"
    assert line == "  40:12  died  family/a[run1]  gw0 died in phase agent"


def test_files_that_hold_no_state_are_passed_over(session: Session) -> None:
    session.has("gw0", RUNS[0])
    for name, text in {"torn": '{"process": "g', "list": "[]", "alien": '{"process": "gw1", "run": 3}'}.items():
        (session.folder / STATUS_DIR / f"{name}.json").write_text(text, encoding="utf-8")
    assert [each.process for each in session.board.view().in_hand] == ["gw0"]


def test_before_the_plan_is_there_nothing_is_counted(tmp_path: Path) -> None:
    Journal(tmp_path / "journal.jsonl").append("session", {"started_at": BEGAN})
    view = replace(Board(tmp_path, life_of=life_of).view(), at=LATER)
    assert progress_lines(view, width=100) == ["metr 0:40:12  no plan of runs yet"]


VIEW = SessionView(
    state="running",
    ended="",
    at=LATER,
    started_at=BEGAN,
    planned=120,
    done=57,
    passed=31,
    failed=24,
    needs_score=0,
    infra_errors=1,
    left_out=1,
    kept=0,
    running=2,
    waiting=61,
    retried=3,
    tokens=12_345_678,
    cost=41.2,
    in_hand=tuple(
        InHand(process=f"gw{number}", life="alive", last_seen=LATER, run=run)
        for number, run in enumerate(
            [
                in_hand(
                    RUNS[0],
                    tokens=1_210_000,
                    cost=3.1,
                    actions=41,
                    last_action="exec: make \u4e16\u754c" + " test" * 40,
                    last_action_at="2025-03-01T12:38:02.000Z",
                ),
                in_hand(RUNS[1], number=2, started_at="2025-03-01T12:39:57.000Z", phase="setup"),
            ]
        )
    ),
)


def test_a_view_reads_as_one_head_and_a_line_for_each_run() -> None:
    lines = progress_lines(VIEW, width=120)
    assert lines[:2] == [
        "metr 0:40:12  57 of 120 done (31 passed, 24 failed, 1 infra error, 1 left out), 2 running, 61 waiting, "
        "3 retried;",
        "    12.3M tokens, $41.20",
    ]
    assert lines[2].startswith(
        "  40:12  agent  family/a[run1]        1.21M tokens  $3.10  41 actions  2:10 ago  exec: make \u4e16\u754c test"
    )
    assert lines[2].endswith("...")
    assert lines[3] == "   0:15  setup  family/b[run1] try 2"


@pytest.mark.parametrize("width", [40, 80, 81, 82, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert all(columns(line) <= width for line in progress_lines(VIEW, width=width))


def test_names_from_elsewhere_cannot_control_the_terminal() -> None:
    task = in_hand(RUNS[0], task_id="fam\x1b[2Jily/a\n", last_action="exec: \x1b]0;title\x07")
    view = replace(VIEW, in_hand=(InHand(process="gw0", life="alive", last_seen=LATER, run=task),))
    assert all(line.isprintable() for line in progress_lines(view, width=200))


def test_agents_are_told_apart_where_there_are_several() -> None:
    runs = [in_hand(RUNS[0]), in_hand(RUNS[0], agent="other")]
    hands = tuple(InHand(process="gw0", life="alive", last_seen=LATER, run=run) for run in runs)
    first, second = progress_lines(replace(VIEW, in_hand=hands), width=120)[-2:]
    assert "family/a[gpt-run1]" in first
    assert "family/a[other-run1]" in second


def test_a_view_is_strict_json_and_comes_back_the_same() -> None:
    assert SessionView.from_json(json.loads(json.dumps(VIEW.to_json(), allow_nan=False))) == VIEW
