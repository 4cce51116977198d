"""Checks of whether a number can be believed: controls, width, canaries, the gap between the splits."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pytest_metr.types import RunRow

from .check_rows import check, left_out, make_result, make_row, said

AGENTS_OWN = [make_row("f/a", 0.0), make_row("f/b", 0.5), left_out("g/c")]


def controls(kind: str, *, scores: dict[str, float | None], **fields: Any) -> list[RunRow]:
    """Return one run of a control for each task."""
    return [make_row(task, score, agent=kind, agent_kind=kind, **fields) for task, score in scores.items()]


def test_the_oracle_must_pass_every_task_of_the_agent() -> None:
    oracle = controls("oracle", scores={"f/a": 1.0, "f/b": 0.95, "g/c": 1.0, "h/more": 0.0})
    assert said(check("oracle_passes", AGENTS_OWN, others=oracle)) == (
        "passed",
        0,
        "the reference solution passes on each of 3 tasks",
    )
    oracle = controls("oracle", scores={"f/a": 1.0, "f/b": 0.9, "g/c": 0.0})
    assert said(check("oracle_passes", AGENTS_OWN, others=oracle)) == (
        "failed",
        2,
        "the reference solution does not pass 2 of 3 tasks: f/b, g/c",
    )


def test_doing_nothing_must_fail_every_task_of_the_agent() -> None:
    noop = controls("noop", scores={"f/a": 0.0, "f/b": 0.9, "g/c": 0.0})
    assert said(check("noop_fails", AGENTS_OWN, others=noop)) == ("passed", 0, "doing nothing fails on each of 3 tasks")
    noop = controls("noop", scores={"f/a": 0.0, "f/b": 1.0, "g/c": 0.0})
    assert said(check("noop_fails", AGENTS_OWN, others=noop)) == (
        "failed",
        1,
        "doing nothing passes 1 of 3 tasks: f/b",
    )


def test_without_runs_of_a_control_nobody_knows() -> None:
    assert said(check("oracle_passes", AGENTS_OWN, others=[make_row("f/a", agent="oracle")])) == (
        "unknown",
        None,
        "there is no run of an agent of the kind oracle beside this agent's",
    )
    assert check("noop_fails", AGENTS_OWN, others=controls("oracle", scores={"f/a": 0.0})).verdict == "unknown"
    assert check("noop_fails", [], others=controls("noop", scores={"f/a": 0.0})).verdict == "unknown"


@pytest.mark.parametrize(
    "fields", [{"task_version": "1.0.1"}, {"family_hash": "e" * 64}, {"family_hash": None}], ids=repr
)
def test_a_control_of_another_version_says_nothing_about_this_one(fields: dict[str, Any]) -> None:
    oracle = controls("oracle", scores={"f/a": 1.0, "f/b": 1.0})
    oracle += controls("oracle", scores={"g/c": 0.0}, **fields)
    assert said(check("oracle_passes", AGENTS_OWN, others=oracle)) == (
        "unknown",
        None,
        "1 of 3 tasks have no run of an agent of the kind oracle of the same version and files: g/c",
    )


def test_a_task_that_a_control_could_not_finish_is_not_covered() -> None:
    oracle = controls("oracle", scores={"f/a": 1.0, "f/b": 1.0, "g/c": None})
    assert check("oracle_passes", AGENTS_OWN, others=oracle).verdict == "unknown"
    noop = controls("noop", scores={"f/a": 1.0, "f/b": None, "g/c": None})
    assert check("noop_fails", AGENTS_OWN, others=noop).verdict == "failed"


def test_every_run_of_a_control_must_go_as_it_should() -> None:
    oracle = controls("oracle", scores={"f/a": 1.0, "f/b": 1.0, "g/c": 1.0})
    oracle += controls("oracle", scores={"f/a": 0.0}, run=2)
    assert check("oracle_passes", AGENTS_OWN, others=oracle).figure == 1


def test_every_version_that_the_agent_ran_needs_its_control() -> None:
    own = [make_row("f/a"), make_row("f/a", run=2, task_version="2")]
    oracle = controls("oracle", scores={"f/a": 1.0})
    assert check("oracle_passes", own, others=oracle).verdict == "unknown"
    assert (
        check("oracle_passes", own, others=oracle + controls("oracle", scores={"f/a": 1.0}, task_version="2")).figure
        == 0
    )


def test_a_control_answers_for_itself_and_success_is_what_the_protocol_says() -> None:
    own = controls("oracle", scores={"f/a": 0.8})
    assert check("oracle_passes", own).verdict == "failed"
    assert check("oracle_passes", own, success_threshold=0.7).verdict == "passed"
    assert (
        check("noop_fails", AGENTS_OWN[:1], others=controls("noop", scores={"f/a": 0.8}), success_threshold=0.7).figure
        == 1
    )


def test_the_interval_is_as_wide_as_the_bounds_of_the_overall_score() -> None:
    assert said(check("interval_width", [], 0.4, result=make_result(0.25, 0.5))) == (
        "passed",
        0.25,
        "the 95 % bounds of the overall score, 0.25 to 0.5, are 0.25 wide; asked for: at most 0.4",
    )
    assert check("interval_width", [], 0.2, result=make_result(0.25, 0.5)).verdict == "failed"
    assert check("interval_width", [], 0.2, result=make_result(0.0, math.inf)).verdict == "failed"
    for result in (make_result(None), make_result(math.nan, 0.5)):
        assert said(check("interval_width", [], 0.4, result=result)) == (
            "unknown",
            None,
            "the overall score has no bounds; asked for: at most 0.4",
        )


def test_a_canary_that_was_found_fails_and_where_nobody_looked_nobody_knows() -> None:
    clean, found, blind = (make_row(f"f/{flag}", canary_found=flag) for flag in (False, True, None))
    assert said(check("canary", [clean, blind], 0)) == (
        "passed",
        0,
        "the task's canary was found in 0 of 1 searched run; asked for: at most 0",
    )
    assert said(check("canary", [clean, found, blind], 0)) == (
        "failed",
        1,
        "the task's canary was found in 1 of 2 searched runs: f/True run 1; asked for: at most 0",
    )
    assert check("canary", [blind], 0).verdict == "unknown"


SPLITS = [
    make_row("f/a", 1.0, split="dev"),
    make_row("f/b", 1.0, split="dev"),
    make_row("g/a", 0.0, split="dev"),
    make_row("h/a", 0.5, split="test"),
    left_out("h/b", split="test"),
    make_row("h/c", None, split="test"),
]


@pytest.mark.parametrize("split", [None, "dev", "test"])
def test_the_gap_compares_both_splits_whichever_the_protocol_counts(split: str | None) -> None:
    # Two tasks of one family weigh 1 / sqrt(2) each, the family with one task 1.
    dev = math.sqrt(2) / (math.sqrt(2) + 1)
    found = check("dev_test_gap", SPLITS, 0.5, split=split)
    assert found.figure == pytest.approx(dev - 0.25)
    assert (found.verdict, found.sentence) == (
        "passed",
        "mean score 0.586 on dev (3 runs) and 0.25 on test (2 runs); asked for: at most 0.5",
    )
    assert check("dev_test_gap", SPLITS, 0.3, split=split).verdict == "failed"


def test_the_gap_takes_runs_of_both_splits_and_weights_for_them() -> None:
    assert said(check("dev_test_gap", SPLITS[:3], 0.1)) == (
        "unknown",
        None,
        "no run of a task of the split test counts; asked for: at most 0.1",
    )
    assert check("dev_test_gap", [make_row()], 0.1).verdict == "unknown"
    without = check("dev_test_gap", SPLITS, 0.1, weighting="recorded")
    assert (without.verdict, without.figure) == ("unknown", None)
    assert without.sentence.startswith("the split dev has no mean: ")
