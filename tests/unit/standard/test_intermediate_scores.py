"""Intermediate scores: what is logged, and what the agent may see."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.errors import TaskError
from pytest_metr.interfaces import VisibleScore
from pytest_metr.standard import Lifecycle, TaskData
from pytest_metr.standard.call import Reply
from pytest_metr.standard.scores import intermediate_entry, log_argument
from pytest_metr.types import Scoring

from .local import LocalSandbox, sandbox_with, spec

DATA = TaskData(has_intermediate_score=True)


def lifecycle_of(tmp_path: Path, expression: str, *, visible: bool = True) -> Lifecycle:
    """Return a run of a family whose intermediate score is *expression*."""
    body = f"""
    class TaskFamily:
        def get_tasks(): return {{"first": {{}}}}
        def intermediate_score(t): return {expression}
    """
    task = dataclasses.replace(spec(), scoring=Scoring(visible_to_agent=visible))
    return Lifecycle(sandbox_with(tmp_path, body), task, DATA, secrets={}, clock=lambda: 0.0)


def test_the_log_keeps_everything_with_both_times(tmp_path: Path) -> None:
    run = lifecycle_of(tmp_path, "{'score': 0.5, 'message': {'m': 1}, 'details': {'d': [2]}}")
    entry = run.intermediate_score(3.25)
    assert entry is not None
    assert run.score_log == (entry,)
    assert (entry.score, entry.message, entry.details) == (0.5, {"m": 1}, {"d": [2]})
    assert (entry.scored_at, entry.elapsed_seconds) == ("1970-01-01T00:00:00.000Z", 3.25)


def test_the_agent_sees_the_message_and_the_score_and_never_the_details(tmp_path: Path) -> None:
    run = lifecycle_of(tmp_path, "{'score': 0.5, 'message': 'warm', 'details': 'secret'}")
    entry = run.intermediate_score(0)
    assert entry is not None
    assert run.visible(entry) == VisibleScore(message="warm", score=0.5)


def test_the_agent_does_not_see_a_score_that_the_manifest_hides(tmp_path: Path) -> None:
    run = lifecycle_of(tmp_path, "{'score': 0.5, 'message': 'warm'}", visible=False)
    entry = run.intermediate_score(0)
    assert entry is not None
    assert run.visible(entry) == VisibleScore(message="warm", score=None)


@pytest.mark.parametrize("expression", ["{'score': float('nan')}", "{'score': None}", "float('nan')", "None"])
def test_no_valid_score_is_nan_and_stays_in_the_log(tmp_path: Path, expression: str) -> None:
    run = lifecycle_of(tmp_path, expression)
    entry = run.intermediate_score(0)
    assert entry is not None
    assert math.isnan(entry.score)
    assert (entry.message, entry.details) == ({}, {})
    assert len(run.score_log) == 1


def test_a_bare_number_is_a_score(tmp_path: Path) -> None:
    entry = lifecycle_of(tmp_path, "True").intermediate_score(0)
    assert entry is not None
    assert entry.score == 1.0


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("{'scor': 1}", "riddles.py: intermediate_score: expected a dict with 'score', found 'scor'"),
        ("{}", "riddles.py: intermediate_score: expected a dict with 'score', found no key"),
        ("{'score': '1'}", "riddles.py: intermediate_score: score: expected a number or None, found '1' (str)"),
        ("[1]", "riddles.py: intermediate_score: score: expected a number or None, found [1] (list)"),
        ("1 / 0", "riddles.py: intermediate_score: raised ZeroDivisionError: division by zero"),
    ],
)
def test_what_is_no_score_is_an_error_and_not_in_the_log(tmp_path: Path, expression: str, message: str) -> None:
    run = lifecycle_of(tmp_path, expression)
    with pytest.raises(TaskError) as caught:
        run.intermediate_score(0)
    assert str(caught.value) == message
    assert caught.value.cause == "task_score"
    assert run.score_log == ()


@pytest.mark.parametrize("part", ["message", "details"])
def test_what_is_too_large_is_left_out_and_scored_all_the_same(tmp_path: Path, part: str) -> None:
    run = lifecycle_of(tmp_path, f"{{'score': 0.5, {part!r}: {{'text': 'x' * 300_000}}}}")
    entry = run.intermediate_score(0)
    assert entry is not None
    text = f"<{part} left out: 300012 bytes of JSON, 262144 are kept at most>"
    assert getattr(entry, part) == text
    assert run.score_log == (entry,)
    assert log_argument(run._log)[0][part] == {"text": "x" * 300_000}
    assert run.visible(entry).message == (text if part == "message" else {})


class Instant(Lifecycle):
    """A lifecycle whose family answers at once."""

    def _call(self, *arguments: Any, **options: Any) -> Reply:
        return Reply(value={"score": 1.0}, type_name="dict", output={})


@given(st.lists(st.floats(min_value=0, max_value=1e9), max_size=30))
def test_elapsed_seconds_rise_strictly_whatever_the_clock_says(times: list[float]) -> None:
    run = Instant(LocalSandbox(Path("/nowhere")), spec(), DATA, secrets={})
    for seconds in times:
        entry = run.intermediate_score(seconds)
        assert entry is not None
        assert entry.elapsed_seconds >= seconds
    found = [entry.elapsed_seconds for entry in run.score_log]
    assert all(left < right for left, right in pairwise(found))
    assert found == times or sorted(set(times)) != times


@given(st.floats(allow_nan=False) | st.integers(min_value=-(2**60), max_value=2**60))
def test_any_number_is_kept_as_a_float(number: float) -> None:
    reply = Reply(value={"score": number}, type_name="dict", output={})
    entry = intermediate_entry(reply, "x", scored_at="", elapsed_seconds=0)
    assert entry.score == float(number)
    assert type(entry.score) is float
