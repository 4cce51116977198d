"""What a journal says of each run: finished runs stay so, everything else is to be made, and no failed try is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.report import Journal, JournalReader, PastRuns, killed_tries, names_of, read_journal, transcript_of
from pytest_metr.types import Failure, RunRecord, RunStatus
from tests.unit.report.records import broken, make_plan, make_record, make_task, properties

PLANS = [make_plan(make_task(f"f{number}/t")) for number in range(3)]
SETTLED: tuple[RunStatus, ...] = ("scored", "limit", "agent_error", "needs_score")
INTERRUPTED = Failure(kind="not_run", cause="interrupted", message="m")


def a_record(run: int, status: RunStatus, transcript: str | None = "transcripts/t.jsonl") -> RunRecord:
    score = 1.0 if status in ("scored", "limit", "agent_error") else None
    failures = {"infra_error": broken("sandbox"), "not_run": INTERRUPTED}
    return make_record(PLANS[run], status, score, failure=failures.get(status), transcript=transcript)


def a_line(kind: str, record: RunRecord) -> dict[str, Any]:
    return {"kind": kind, **record.to_json()}


@st.composite
def histories(draw: st.DrawFn) -> list[list[tuple[str, int, RunStatus | None]]]:
    """Draw several sessions, each taking up the one before: what happened in each, as kind of line, run, status.

    A run that has come to its end is made no more, as a session would have it.
    """
    done: set[int] = set()
    sessions = []
    for _ in range(draw(st.integers(1, 4))):
        lines: list[tuple[str, int, RunStatus | None]] = []
        for run in draw(st.permutations(range(len(PLANS)))):
            if run in done:
                continue
            lines += [("try", run, "infra_error")] * draw(st.integers(0, 2))
            end = draw(st.sampled_from([*SETTLED, "infra_error", "not_run", None]))  # None: it was killed
            if end is not None:
                lines.append(("run", run, end))
            if end in SETTLED:
                done.add(run)
        sessions.append(lines)
    return sessions


@properties
@given(sessions=histories())
def test_finished_runs_are_never_made_again_and_all_others_always_are(
    sessions: list[list[tuple[str, int, RunStatus | None]]],
) -> None:
    past = PastRuns()
    finished: set[str] = set()
    failed: dict[str, int] = {}
    for number, lines in enumerate(sessions):
        past.take([{"kind": "resume" if number else "session"}])
        now: dict[str, int] = {}
        for kind, run, status in lines:
            assert status is not None
            run_id = PLANS[run].run_id
            record = a_record(run, status)
            # A live session writes into each record what the run has behind it.
            past.take([a_line(kind, replace(record, failed_tries=past.of(run_id).failed_tries))])
            if status in SETTLED:
                finished.add(run_id)
            else:
                failed[run_id] = failed.get(run_id, 0) + 1
            if kind == "try":
                now[run_id] = now.get(run_id, 0) + 1
        for plan in PLANS:
            found = past.of(plan.run_id)
            assert (found.settled is not None) == (plan.run_id in finished)
            assert len(found.failed_tries) == failed.get(plan.run_id, 0)
            assert found.tries_now == now.get(plan.run_id, 0)
    assert past.doubled == []
    assert len(past.records) == len({record.run_id for record in past.records})


def test_a_second_record_is_noted_only_where_the_run_had_come_to_its_end() -> None:
    past = PastRuns([a_line("run", a_record(0, "infra_error")), a_line("run", a_record(0, "scored"))])
    assert past.doubled == []
    past.take([a_line("run", a_record(0, "scored"))])
    assert past.doubled == [f"run {PLANS[0].run_id} has 2 records; the last one counts"]


def test_a_run_that_was_only_passed_over_has_no_failed_try() -> None:
    past = PastRuns([a_line("run", a_record(0, "not_run", transcript=None))])
    assert past.of(PLANS[0].run_id).failed_tries == ()


def test_tries_after_a_record_are_failed_tries_beside_it() -> None:
    past = PastRuns([a_line("run", a_record(0, "infra_error")), a_line("try", a_record(0, "infra_error"))])
    run = past.of(PLANS[0].run_id)
    assert len(run.failed_tries) == 2
    assert len(run.beside) == 1
    assert past.failed_tries == {PLANS[0].run_id: run.beside}


def test_lines_of_another_version_are_counted_and_passed_over() -> None:
    past = PastRuns([{"kind": "run", "run_id": "x"}, {"kind": "try"}, a_line("run", a_record(1, "scored"))])
    assert past.unreadable == 2
    assert [record.run_id for record in past.records] == [PLANS[1].run_id]


def test_a_reader_gives_each_line_once_whoever_is_killed_between(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    reader, journal = JournalReader(path), Journal(path)
    assert reader.new_lines() == []
    journal.append("a", {})
    assert [line["kind"] for line in reader.new_lines()] == ["a"]
    with path.open("ab") as file:
        file.write(b'{"kind": "torn", "te')
    assert reader.new_lines() == []
    journal.append("b", {})
    assert [line["kind"] for line in reader.new_lines()] == ["b"]
    with path.open("ab") as file:
        file.write(b'{"kind": "whole but for its end"}')
    assert [line["kind"] for line in reader.new_lines()] == ["whole but for its end"]
    journal.append("c", {})
    assert [line["kind"] for line in reader.new_lines()] == ["c"]
    assert [line["kind"] for line in read_journal(path).lines] == ["a", "b", "whole but for its end", "c"]


def test_what_was_changed_when_a_session_was_taken_up_counts_from_then_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append("session", {"started_at": "then", "provider": "one"})
    journal.append("resume", {"changes": []})
    journal.append("resume", {"changes": ["sandbox: one -> two"], "facts": {"provider": "two"}})
    facts = read_journal(journal.path).facts
    assert (facts["started_at"], facts["provider"]) == ("then", "two")


def test_each_try_has_a_name_of_its_own_and_a_killed_one_is_known_by_its_transcript(tmp_path: Path) -> None:
    assert names_of(tmp_path, "r") == ([], "r")
    (tmp_path / "transcripts").mkdir()
    for name, lines in {"r": ['{"at": "1"}', '{"at": "2"}', '{"at'], "r.try2": ["torn"]}.items():
        (tmp_path / transcript_of(name)).write_text("\n".join(lines), encoding="utf-8")
    assert names_of(tmp_path, "r") == (["r", "r.try2"], "r.try3")
    first, second = killed_tries(tmp_path, "r", [])
    assert (first.cause, first.started_at, first.completed_at) == ("killed", "1", "2")
    assert (second.transcript, second.started_at, second.seconds) == ("transcripts/r.try2.jsonl", "", None)
    assert killed_tries(tmp_path, "r", [first]) == [second]


@pytest.mark.parametrize("kind", ["run", "try"])
def test_what_the_journal_keeps_of_a_failed_try_comes_back(kind: str) -> None:
    line = json.loads(json.dumps(a_line(kind, a_record(2, "infra_error"))))
    (failed,) = PastRuns([line]).of(PLANS[2].run_id).failed_tries
    assert (failed.cause, failed.transcript) == ("sandbox", "transcripts/t.jsonl")
    assert failed.message == "something about sandbox"
