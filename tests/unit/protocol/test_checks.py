"""Checks of how the runs went, and of what they have in common: figure, verdict, and the sentence that says why."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import CHECKS, evaluate_agent, load_protocol, run_checks
from pytest_metr.types import CheckRule, RunRow

from .check_rows import check, left_out, make_result, make_row, said
from .runs import properties


def test_coverage_counts_what_finished_or_was_left_out_by_rule() -> None:
    rows = [
        make_row("f/a"),
        make_row("f/b", 0.0, status="limit", limit="wall_seconds"),
        left_out("f/c"),
        left_out("f/d", cause="rounds"),  # not asked for, so in nothing
    ]
    assert said(check("coverage", rows, 1.0)) == (
        "passed",
        1.0,
        "3 of 3 planned runs finished or were left out by the protocol's rule; asked for: at least 100 %",
    )


def test_coverage_names_the_runs_that_are_missing_and_the_families_that_cannot_be_read() -> None:
    rows = [
        make_row("f/a"),
        make_row("f/b", None),
        make_row("f/c", None, status="needs_score", cause=None, run=2),
        left_out("f/d", cause="skipped"),
        left_out("f/e", cause="interrupted", run=None, run_id="e1"),
    ]
    assert said(check("coverage", rows, 0.9, broken_families=1)) == (
        "failed",
        1 / 6,
        "1 of 5 planned runs finished or were left out by the protocol's rule; 4 without a score: f/b run 1 (sandbox), "
        "f/c run 2 (needs_score), f/d run 1 (skipped) and 1 more; 1 family could not be read and counts as a missing "
        "run; asked for: at least 90 %",
    )
    assert check("coverage", [make_row()], 1.0, broken_families=1).verdict == "failed"
    assert check("coverage", [], 1.0, broken_families=2).figure == 0
    assert "2 families could not be read and count as a missing run each" in (
        check("coverage", [make_row()], 1.0, broken_families=2).sentence
    )


def test_rows_of_a_split_that_the_protocol_leaves_out_are_in_no_check_of_coverage() -> None:
    rows = [make_row("f/a", split="test"), make_row("f/b", None, split="dev"), make_row("f/c", None)]
    assert check("coverage", rows, 1.0, split="test").figure == 0.5
    assert check("coverage", rows[1:2], 1.0, split="test").verdict == "unknown"


def test_infrastructure_errors_are_a_share_of_the_runs_that_were_begun() -> None:
    rows = [*(make_row(f"f/{n}") for n in range(3)), make_row("f/x", None), left_out("f/y"), left_out("f/z")]
    assert said(check("infrastructure_errors", rows, 0.25)) == (
        "passed",
        0.25,
        "1 of 4 runs ended in an infrastructure error: f/x run 1 (sandbox); asked for: at most 25 %",
    )
    assert check("infrastructure_errors", rows, 0.2).verdict == "failed"
    assert said(check("infrastructure_errors", rows[4:], 1.0)) == (
        "unknown",
        None,
        "no run was begun; asked for: at most 100 %",
    )


def test_runs_per_task_is_the_fewest_of_a_task_that_was_to_be_run() -> None:
    rows = [make_row("f/a", run=n) for n in (1, 2, 3)] + [make_row("f/b", run=n) for n in (1, 2)]
    rows += [make_row("f/b", None, run=3), left_out("f/c")]
    assert said(check("runs_per_task", rows, 2)) == (
        "passed",
        2,
        "the fewest counted runs of a task are 2, on 1 of 2 tasks: f/b; asked for: at least 2",
    )
    assert check("runs_per_task", rows, 3).verdict == "failed"
    assert check("runs_per_task", [*rows, make_row("f/d", None)], 1).figure == 0
    assert check("runs_per_task", [left_out("f/c")], 1).verdict == "unknown"
    assert check("runs_per_task", rows[:1], 1).sentence == (
        "the fewest counted runs of a task are 1, on 1 of 1 task; asked for: at least 1"
    )


def test_at_limit_is_a_share_of_the_runs_with_a_score() -> None:
    rows = [
        make_row("f/a"),
        make_row("f/b", 0.0, status="limit", limit="wall_seconds"),
        make_row("f/c", 0.0, status="limit"),
        make_row("f/d", 1.0),
        make_row("f/e", None),
    ]
    assert said(check("at_limit", rows, 0.5)) == (
        "passed",
        0.5,
        "a limit ended 2 of 4 runs with a score: f/b run 1 (wall_seconds), f/c run 1; asked for: at most 50 %",
    )
    assert check("at_limit", rows, 0.49).verdict == "failed"
    assert check("at_limit", rows[4:], 1.0).verdict == "unknown"


def test_manual_scores_are_the_runs_that_wait_for_a_person() -> None:
    waits = make_row("f/a", None, status="needs_score", cause=None)
    assert said(check("manual_scores", [waits, make_row("f/b")], 0)) == (
        "failed",
        1,
        "1 run waits for a person's score: f/a run 1; asked for: at most 0",
    )
    assert check("manual_scores", [make_row()], 0).verdict == "passed"


def test_same_versions_takes_one_agent_and_one_version_of_each_task() -> None:
    rows = [make_row("f/a", run=1), make_row("f/a", run=2), make_row("f/b", family_hash="e" * 64)]
    assert said(check("same_versions", rows)) == ("passed", 0, "one agent, and one version of each of 2 tasks")
    changed = [*rows, make_row("f/a", run=3, task_version="1.0.1"), make_row("f/b", None, agent_identity="b" * 64)]
    assert said(check("same_versions", changed)) == (
        "failed",
        3,
        "the agent has 2 identities; 2 of 2 tasks have runs of several versions: f/a, f/b",
    )
    assert check("same_versions", [rows[0], make_row(task="f/a", family_hash="e" * 64)]).figure == 1


def test_same_versions_is_unknown_where_the_records_do_not_say() -> None:
    silent = make_row("f/a", agent_identity=None)
    assert said(check("same_versions", [silent, make_row("f/b", family_hash=None, task_version=None)])) == (
        "unknown",
        None,
        "2 of 2 records without a word on what was run: f/a run 1, f/b run 1",
    )
    assert check("same_versions", []).verdict == "unknown"


def test_same_environment_takes_one_image_for_each_family() -> None:
    rows = [make_row("f/a"), make_row("f/b"), make_row("g/a", image="other"), make_row("f/c", None, image=None)]
    assert said(check("same_environment", rows)) == ("passed", 0, "one image for each of 2 families")
    assert said(check("same_environment", [*rows, make_row("g/b")])) == (
        "failed",
        1,
        "1 of 2 families was run in several images: g",
    )
    assert said(check("same_environment", [*rows, make_row("f/d", image=None)])) == (
        "unknown",
        None,
        "1 of 4 records without the image: f/d run 1",
    )
    assert check("same_environment", [make_row("f/c", None, image=None)]).verdict == "unknown"


def test_checks_come_in_the_protocols_order_and_the_shipped_ones_ask_for_all() -> None:
    rows = [make_row("f/a", 0.0), make_row("g/b"), make_row("h/c")]
    for name in ("plain", "autonomy-0.1"):
        protocol = load_protocol(name)
        checks = run_checks(rows, evaluate_agent(rows, protocol), protocol)
        assert [c.name for c in checks] == list(CHECKS)
        assert {c.verdict for c in checks} == {"passed", "failed", "unknown"}


def test_a_check_that_there_is_not_or_without_its_bound_is_a_mistake() -> None:
    with pytest.raises(UsageMistake, match=r"^checks\.covered: unknown check; expected one of coverage, "):
        check("covered", [])
    for bound in (None, math.nan):
        with pytest.raises(UsageMistake, match=r"^checks\.coverage: expected a bound$"):
            check("coverage", [], bound)


statuses = st.sampled_from(["scored", "limit", "agent_error", "needs_score", "infra_error", "not_run"])


@st.composite
def rows_of_any_kind(draw: st.DrawFn) -> RunRow:
    status = draw(statuses)
    score = draw(st.sampled_from([0.0, 0.5, 1.0])) if status in ("scored", "limit", "agent_error") else None
    return make_row(
        draw(st.sampled_from(["f/a", "f/b", "g/a"])),
        score,
        run=draw(st.integers(1, 4)),
        status=status,
        cause=draw(st.sampled_from([None, "staging", "rounds", "sandbox"])),
        split=draw(st.sampled_from([None, "dev", "test"])),
        agent_kind=draw(st.sampled_from([None, "oracle", "noop", "command"])),
        canary_found=draw(st.sampled_from([None, True, False])),
        family_hash=draw(st.sampled_from([None, "f" * 64, "e" * 64])),
        human_minutes=draw(st.sampled_from([None, 5.0, 50.0])),
    )


@properties
@given(
    st.lists(rows_of_any_kind(), max_size=12),
    st.lists(rows_of_any_kind(), max_size=6),
    st.sampled_from([None, "dev", "test"]),
    st.integers(0, 2),
)
def test_whatever_the_rows_every_check_says_something_and_their_order_does_not_matter(
    rows: list[RunRow], others: list[RunRow], split: str | None, broken: int
) -> None:
    protocol = load_protocol("plain")
    asked = tuple(CheckRule(name=rule.name, bound=rule.bound) for rule in protocol.checks)
    for name, rule in zip(CHECKS, asked, strict=True):
        first = check(name, rows, rule.bound, others=others, broken_families=broken, split=split)
        again = check(name, rows[::-1], rule.bound, others=others[::-1], broken_families=broken, split=split)
        assert first.verdict == again.verdict
        assert first.figure == pytest.approx(again.figure)
        assert (first.figure is None) == (first.verdict == "unknown")
        assert first.sentence


@properties
@given(st.lists(rows_of_any_kind(), min_size=1, max_size=12))
def test_a_run_that_is_lost_never_makes_the_coverage_better(rows: list[RunRow]) -> None:
    lost = [make_row(rows[0].task_id, None, run=9), *rows[1:]] if not rows[0].not_asked_for else rows
    before, after = (check("coverage", some, 1.0).figure for some in (rows, lost))
    assert (after or 0.0) <= (before or 0.0) or before is None


def test_a_result_is_not_needed_where_no_check_asks_for_it() -> None:
    assert check("coverage", [make_row()], 1.0, result=make_result(None)).verdict == "passed"
