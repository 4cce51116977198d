"""The way in for what the agent submits, and the way back for what a method returns."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_metr.errors import TaskError
from pytest_metr.standard import FinalScore, Lifecycle, TaskData
from pytest_metr.standard.call import encode
from pytest_metr.types import ScoreEntry

from .local import LocalSandbox, sandbox_with, spec

TEXTS = st.text(st.characters(exclude_categories=()))
FAMILY = """
import json, pathlib, time
class TaskFamily:
    def get_tasks(): return {"first": {}}
    def score(t, submission):
        pathlib.Path("seen").write_text(ascii(submission))
        return len(submission)
    def intermediate_score(t): return {"score": 1, "message": "x" * 40_000_000}
"""
DATA = TaskData(has_score=True, has_intermediate_score=True)


@pytest.fixture
def sandbox(tmp_path: Path) -> LocalSandbox:
    return sandbox_with(tmp_path, FAMILY)


def submit(sandbox: LocalSandbox, submission: str) -> tuple[FinalScore, str]:
    """Return the score of a submission and the submission as the task saw it."""
    found = Lifecycle(sandbox, spec(), DATA, secrets={}).final_score(submission)
    return found, ast.literal_eval((sandbox.root / "seen").read_text())


@pytest.mark.parametrize(
    "submission",
    [
        "",
        "--help",
        "-",
        "no newline",
        "newline\n",
        "\r\n\r",
        "\0\x1b[0m\x85\u2028",
        "'\"$(id)`",
        "\ud83d\ude00",
        "😀\udcff",
    ],
    ids=ascii,
)
def test_a_submission_arrives_as_it_is(sandbox: LocalSandbox, submission: str) -> None:
    found, seen = submit(sandbox, submission)
    assert seen == submission
    assert found.score == len(submission)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(submission=TEXTS)
def test_any_submission_arrives_as_it_is(sandbox: LocalSandbox, submission: str) -> None:
    assert submit(sandbox, submission)[1] == submission


@given(TEXTS)
def test_the_request_keeps_any_text(text: str) -> None:
    assert json.loads(encode([text]).decode("utf-8", "surrogatepass")) == [text]


def test_a_large_submission_arrives_and_is_no_argument(sandbox: LocalSandbox) -> None:
    found, seen = submit(sandbox, "x" * 5_000_000)
    assert (found.score, len(seen)) == (5_000_000, 5_000_000)
    assert sum(map(len, sandbox.executions[0].argv)) < 200


def test_a_reply_that_is_too_large_is_an_error_of_the_task(sandbox: LocalSandbox) -> None:
    run = Lifecycle(sandbox, spec(), DATA, secrets={})
    with pytest.raises(TaskError, match=r"riddles.py: intermediate_score: returned .* more than \d+ bytes") as caught:
        run.intermediate_score(0)
    assert caught.value.cause == "task_score"
    assert not list(sandbox.root.glob(".metr-*"))


def test_a_long_score_log_reaches_the_task(tmp_path: Path) -> None:
    body = """
    class TaskFamily:
        def get_tasks(): return {"first": {}}
        def aggregate_scores(t, score_log): return sum(len(entry["details"]["text"]) for entry in score_log)
    """
    run = Lifecycle(sandbox_with(tmp_path, body), spec(), TaskData(has_aggregate_scores=True), secrets={})
    entry = ScoreEntry(score=1, details={"text": "é" * 10_000}, scored_at="", elapsed_seconds=0)
    run._log.extend([entry] * 50)
    assert run.final_score("").score == 500_000
