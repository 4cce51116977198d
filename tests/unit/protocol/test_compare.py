"""Two agents compared: numbers by hand, and which tasks are compared."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import compare_agents, evaluate_agent
from pytest_metr.types import BY_ROUNDS, RECORDED_WEIGHTS, Comparison, Interval, RunRow

from .compare_rows import change_of, compared, runs_of
from .runs import PROTOCOL, left_out_by_staging, make_row

#: Success falls with human minutes; each family has one task.
LENGTHS = (2.0, 5.0, 20.0, 50.0, 200.0, 800.0)


def by_length(agent: str, successes: tuple[int, ...], runs: int = 4) -> list[RunRow]:
    """Rows with so many successes of *runs* at each length."""
    return [
        make_row(f"f{place}/t", agent=agent, run=run, minutes=minutes, score=float(run < good))
        for place, (minutes, good) in enumerate(zip(LENGTHS, successes, strict=True))
        for run in range(runs)
    ]


def test_the_difference_is_after_minus_before() -> None:
    comparison = compared({"a/x": [1], "b/y": [0]}, {"a/x": [1], "b/y": [1]})
    change = change_of(comparison)
    assert (change.before.value, change.after.value) == (0.5, 1.0)
    assert change.difference.value == pytest.approx(0.5)
    assert change.ratio.value == pytest.approx(2.0)
    # Family b makes up none, half or all of a draw, with the chances 1/4, 1/2 and 1/4.
    assert change.difference.interval == Interval(low=0.0, high=1.0)
    assert change.improved == pytest.approx(3 / 4 + 1 / 8, abs=0.08)


def test_a_number_before_and_after_is_what_an_evaluation_of_the_compared_tasks_says() -> None:
    before, after = by_length("old", (4, 4, 2, 1, 0, 0)), by_length("new", (4, 4, 3, 3, 1, 0))
    comparison = compare_agents(before, after, PROTOCOL)
    for rows, side in ((before, "before"), (after, "after")):
        result = evaluate_agent(rows, PROTOCOL)
        assert getattr(change_of(comparison), side) == result.overall_score
        assert getattr(change_of(comparison, "success_rate"), side) == result.success_rate
        assert getattr(change_of(comparison, "time_horizon_p80"), side) == result.horizon.at["80"]
        assert getattr(change_of(comparison, "bracket/long"), side) == result.brackets[1].score


def test_horizons_change_by_a_ratio_and_by_doublings() -> None:
    comparison = compare_agents(by_length("old", (4, 4, 2, 1, 0, 0)), by_length("new", (4, 4, 3, 3, 1, 0)), PROTOCOL)
    change = change_of(comparison, "time_horizon_p50")
    assert change.before.value is not None
    assert change.after.value is not None
    ratio = change.after.value / change.before.value
    assert change.kind == "horizon"
    assert change.ratio.value == pytest.approx(ratio, rel=1e-12)
    assert change.difference.value == pytest.approx(math.log2(ratio), rel=1e-12)
    interval, doublings = change.ratio.interval, change.difference.interval
    assert interval is not None
    assert doublings is not None
    assert (interval.low, interval.high) == pytest.approx((2**doublings.low, 2**doublings.high))
    assert interval.low < ratio < interval.high


def test_weights_are_taken_anew_over_the_compared_tasks() -> None:
    before = {"a/x": [1], "b/y": [0], "b/z": [0], "b/w": [0]}
    comparison = compared(before, {"a/x": [0], "b/y": [1], "c/only": [1]})
    assert change_of(comparison).before.value == pytest.approx(0.5)  # with all four tasks it were 1 / (1 + sqrt(3))
    assert change_of(comparison).difference.value == pytest.approx(0.0)
    assert (comparison.tasks, comparison.families, comparison.before.runs, comparison.after.runs) == (2, 2, 2, 2)


def test_tasks_of_one_agent_alone_are_named() -> None:
    comparison = compared({"a/x": [1], "b/z": [0], "b/y": [0]}, {"a/x": [0], "c/only": [1]})
    assert comparison.left_out.only_before == ("b/y", "b/z")
    assert comparison.left_out.only_after == ("c/only",)
    assert comparison.left_out.without_score == comparison.left_out.other_versions == ()


def test_a_task_that_one_agent_has_no_score_of_is_named_and_its_runs_are_counted() -> None:
    lost = [make_row("b/y", agent="new", run=run, score=None, status="infra_error") for run in (1, 2)]
    after = [
        *runs_of("new", {"a/x": [1]}),
        *lost,
        make_row("a/x", agent="new", run=3, score=None, status="needs_score"),
    ]
    comparison = compare_agents(runs_of("old", {"a/x": [1], "b/y": [1]}), after, PROTOCOL)
    assert comparison.left_out.without_score == ("b/y",)
    assert comparison.left_out.only_before == ()
    assert (comparison.before.missing, comparison.after.missing) == (0, 3)
    assert comparison.after.runs == 1


def test_runs_that_staging_left_out_are_failures() -> None:
    after = [*runs_of("new", {"a/x": [1]}), left_out_by_staging("b/y", agent="new")]
    comparison = compare_agents(runs_of("old", {"a/x": [1], "b/y": [1]}), after, PROTOCOL)
    assert change_of(comparison).difference.value == pytest.approx(-0.5)
    assert comparison.after.zeros_by_rule == 1
    assert comparison.after.missing == 0


def test_runs_that_nobody_asked_for_are_in_nothing() -> None:
    not_needed = make_row("b/y", agent="new", score=None, status="not_run", cause=BY_ROUNDS)
    before = runs_of("old", {"a/x": [1], "b/y": [1]})
    comparison = compare_agents(before, [*runs_of("new", {"a/x": [1]}), not_needed], PROTOCOL)
    assert comparison.left_out.only_before == ("b/y",)
    assert comparison.after.missing == 0


def test_a_split_that_does_not_count_is_in_nothing() -> None:
    dev = [make_row("d/dev", agent="old", split="dev"), make_row("e/lost", agent="old", split="dev", score=None)]
    before = [*runs_of("old", {"a/x": [1]}), *dev]
    comparison = compare_agents(before, runs_of("new", {"a/x": [1]}), replace(PROTOCOL, split="test"))
    assert comparison.left_out.only_before == ()
    assert comparison.before.missing == 0


@pytest.mark.parametrize("field", ["task_version", "family_hash"])
def test_tasks_of_other_versions_are_left_out_and_named_unless_asked_for(field: str) -> None:
    before = [replace(row, **{field: "1"}) for row in runs_of("old", {"a/x": [1], "b/y": [0]})]  # type: ignore[arg-type]
    after = [
        replace(row, **{field: "2" if row.task_id == "b/y" else "1"})  # type: ignore[arg-type]
        for row in runs_of("new", {"a/x": [1], "b/y": [1]})
    ]
    comparison = compare_agents(before, after, PROTOCOL)
    assert comparison.left_out.other_versions == ("b/y",)
    assert comparison.tasks == 1
    all_the_same = compare_agents(before, after, PROTOCOL, same_versions_only=False)
    assert all_the_same.left_out.other_versions == ("b/y",)
    assert all_the_same.tasks == 2
    assert "compared although version or family hash differ: 1 task" in all_the_same.warnings


def test_a_version_that_one_side_does_not_state_agrees_with_any() -> None:
    before = [replace(row, task_version="3", family_hash="abc") for row in runs_of("old", {"a/x": [1]})]
    assert compare_agents(before, runs_of("new", {"a/x": [0]}), PROTOCOL).tasks == 1


def test_an_agent_with_runs_of_two_versions_of_a_task_is_not_compared_on_it() -> None:
    mixed = [
        replace(row, task_version=version) for version, row in zip("12", runs_of("old", {"a/x": [1, 1]}), strict=True)
    ]
    assert compare_agents(mixed, runs_of("new", {"a/x": [0]}), PROTOCOL).left_out.other_versions == ("a/x",)


def test_no_common_task_gives_no_number_and_says_so() -> None:
    comparison = compared({"a/x": [1]}, {"b/y": [1]})
    assert comparison.tasks == 0
    assert comparison.warnings[0] == "no task is compared"
    for change in comparison.changes:
        assert change.difference.value is None
        assert change.ratio.value is None
        assert change.improved is None
        assert change.difference.problem == "both: no_runs"


def test_the_warnings_of_each_side_are_told_with_the_side() -> None:
    comparison = compare_agents(by_length("old", (0, 1, 2, 3, 4, 4)), by_length("new", (4, 4, 2, 1, 0, 0)), PROTOCOL)
    assert comparison.warnings == ("before: success does not fall with human minutes, so there is no horizon",)


def test_one_side_without_rows_is_refused() -> None:
    with pytest.raises(UsageMistake, match="after: expected runs of an agent to compare, found none"):
        compare_agents(runs_of("old", {"a/x": [1]}), [], PROTOCOL)


def test_two_agents_on_one_side_are_refused() -> None:
    rows = [*runs_of("old", {"a/x": [1]}), *runs_of("older", {"a/x": [1]})]
    with pytest.raises(ValueError, match="one agent on each side, not of old, older"):
        compare_agents(rows, runs_of("new", {"a/x": [1]}), PROTOCOL)


def test_a_comparison_is_json_and_back() -> None:
    comparison = compare_agents(by_length("old", (0,) * 6), by_length("new", (4, 4, 3, 3, 1, 0)), PROTOCOL)
    assert change_of(comparison, "time_horizon_p50").ratio.value == math.inf
    text = json.dumps(comparison.to_json(), allow_nan=False)
    assert Comparison.from_json(json.loads(text)) == comparison


def test_recorded_weights_are_those_of_the_compared_tasks() -> None:
    recorded = {"a/x": 3.0, "b/y": 1.0, "c/only": 96.0}
    before, after = (
        [replace(row, weight=recorded[row.task_id]) for row in runs_of(agent, scores)]
        for agent, scores in (("old", {"a/x": [1], "b/y": [0], "c/only": [1]}), ("new", {"a/x": [0], "b/y": [1]}))
    )
    change = change_of(compare_agents(before, after, replace(PROTOCOL, weighting=RECORDED_WEIGHTS)))
    assert (change.before.value, change.after.value) == (0.75, 0.25)
