"""What is shown of a run: events, facts, suggestions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.review.events import FOLDED, MOST_SHOWN, shown_event
from pytest_metr.review.facts import fact_lines, scoring_lines, submission_lines
from pytest_metr.review.suggestions import suggest
from pytest_metr.review.transcript import PIECE, TranscriptReader
from pytest_metr.types import Failure, Finding, LimitHit, Usage
from tests.unit.report.records import properties
from tests.unit.review.sessions import HOSTILE, events, run, some_runs


def is_harmless(text: str) -> bool:
    return all(char.isprintable() or char in "\n\t" for char in text)


def test_an_event_is_a_title_and_its_texts() -> None:
    first, *_, bash, _ = events()
    shown = shown_event(bash, first)
    assert shown.title == "5  +4.0 s  bash"
    assert shown.body[:4] == ("command: ls", "output:", "  0", "  1")
    assert shown.folded() == [*shown.body[:FOLDED], f"... {len(shown.body) - FOLDED} more lines"]
    assert shown_event(first).folded() == [f"... {len(shown_event(first).body)} more lines"]


def test_what_a_model_said_comes_before_what_its_server_sent() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "bash", "arguments": '{"command": "ls"}'}}
    body = {"choices": [{"message": {"content": "I look.", "tool_calls": [call]}, "finish_reason": "length"}]}
    event = {"n": 1, "at": "", "kind": "model_response", "body": body}
    shown = shown_event(event, wire="openai").body
    assert shown[:4] == ("I look.", 'calls bash: {"command": "ls"}', "stopped: length", "")
    assert "body: {" in shown
    assert shown_event(event, wire="other").body[0] == "body: {"


def test_a_huge_event_is_cut_and_says_so() -> None:
    shown = shown_event({"n": 1, "kind": "bash", "output": "x" * (2 * MOST_SHOWN)})
    assert (len("".join(shown.body)), shown.cut) == (MOST_SHOWN, MOST_SHOWN + len("output: "))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["n", "at", "kind", "command", "output", "body", "x"]), _JSON))
@properties
def test_any_event_is_harmless_text(event: dict[str, Any]) -> None:
    shown = shown_event(event, event, wire="openai")
    assert is_harmless(shown.title)
    assert all(is_harmless(line) and "\n" not in line for line in shown.body)
    assert "\n" not in shown.title


def write(path: Path, transcript: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(event) + "\n" for event in transcript), encoding="utf-8")
    return path


def test_a_transcript_is_read_a_piece_at_a_time(tmp_path: Path) -> None:
    many = [*events(), *({"n": n, "at": "", "kind": "bash", "output": f"word{n}"} for n in range(7, 3 * PIECE))]
    reader = TranscriptReader(write(tmp_path / "t.jsonl", many))
    assert len(reader.more()) == PIECE
    assert reader.instructions == "Do it."
    assert reader.find(f"WORD{2 * PIECE}", 0) == 2 * PIECE - 1
    assert PIECE < len(reader.events) < len(many)
    assert reader.find("word7", 2 * PIECE, backwards=True) == 78
    assert reader.find("nowhere", 0) is None
    assert (len(reader.events), reader.more()) == (len(many), [])


def test_a_damaged_line_and_a_missing_file_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "t.jsonl", events()[:1])
    path.write_bytes(path.read_bytes() + b"{torn")
    reader = TranscriptReader(path)
    assert [event.title for event in reader.more()] == ["1  +0.0 s  run", "line 2: damaged"]
    gone = TranscriptReader(tmp_path / "none.jsonl")
    assert gone.more() == []
    assert gone.problem == "the transcript cannot be read: No such file or directory"
    assert TranscriptReader(None).problem == "there is no transcript of this run"


def test_the_facts_of_a_run() -> None:
    record = run(
        "a/t",
        0.5,
        status="limit",
        limit_hit=LimitHit(name="tokens", allowed=100.0),
        usage=Usage(seconds=3600, actions=4, tokens=120, cost=1.5),
        failure=Failure(kind="agent", cause="crash", message=HOSTILE),
        canary_found=True,
        observed={"refusal": 1},
    )
    finding = Finding(run_id=record.run_id, label=None, labels={"ada": "real", "bo": "spurious"}, notes=(HOSTILE,))
    lines = fact_lines(record, finding)
    assert all(is_harmless(line) and "\n" not in line for line in lines)
    text = "\n".join(lines)
    for wanted in (
        "score       0.5, failed (above 0.9 passes)",
        "status      limit: a limit, tokens 100",
        "used        1:00:00 h, 4 actions, 120 tokens, $1.50",
        "suggested   spurious (refusal): the model, its maker or a filter refused once; counts for nothing",
        "ada         real",
        "disputed    the readers disagree",
    ):
        assert wanted in text


def test_submission_and_scoring_are_harmless() -> None:
    hostile = some_runs()[3]
    lines = [*submission_lines(hostile), *scoring_lines(hostile)]
    assert all(map(is_harmless, lines))
    assert "--- stdout ---" in lines
    assert submission_lines(run("a/t")) == ["nothing was handed in"]
    assert submission_lines(run("a/t", submission="")) == ["the empty text was handed in"]


@pytest.mark.parametrize(
    ("more", "category"),
    [
        ({"observed": {"filtered": 1, "gave_up": 1}}, "refusal"),
        ({"scoring_output": {"stderr": "Traceback (most recent call last)"}}, "task_bug"),
        ({"scoring_output": {"exit_code": "1"}}, "task_bug"),
        ({"observed": {"malformed_call": 3}}, "tool_or_format"),
        ({"failure": Failure(kind="agent", cause="crash", message="x")}, "tool_or_format"),
        ({"observed": {"context_cut": 1}}, "lost_context"),
        ({"observed": {"session_ended": 1}}, "environment"),
        ({"observed": {"submitted_at_once": 1}}, "gave_up_early"),
        ({"limit_hit": LimitHit(name="actions", allowed=3.0)}, "other"),
    ],
)
def test_what_the_facts_of_a_failure_suggest(more: dict[str, Any], category: str) -> None:
    suggestion = suggest(run("a/t", **more))
    assert suggestion is not None
    assert (suggestion.label, suggestion.category) == ("spurious", category)


def test_what_the_facts_of_a_success_suggest() -> None:
    doubtful = suggest(run("a/t", 1.0, usage=Usage()))
    assert doubtful is not None
    assert (doubtful.label, doubtful.category) == ("success_doubtful", "task_bug")
    assert suggest(run("a/t", 1.0)) is suggest(run("a/t")) is suggest(run("a/t", None, status="infra_error")) is None
    assert suggest(run("a/t", observed={"malformed_call": 3}, usage=Usage(actions=10))) is None
