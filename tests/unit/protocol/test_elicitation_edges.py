"""Corrected scores where the session, the protocol or the labels are not the usual ones; figures worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_metr.types import Finding, LabelName, RunRow
from tests.unit.protocol.check_rows import left_out, make_row
from tests.unit.protocol.runs import PROTOCOL
from tests.unit.protocol.test_elicitation import corrected, said, sample_of, score, singles


def recorded(task: str, value: float, weight: float, run: int = 1) -> RunRow:
    return make_row(task, value, run=run, weight=weight)


def test_recorded_weights_are_not_shared_out_anew_within_a_task() -> None:
    """A hook may weigh the runs of a task otherwise; a run that is left out takes its weight with it."""
    rows = [
        recorded("a/t", 1.0, 0.1, run=1),
        recorded("a/t", 0.0, 0.5, run=2),
        recorded("b/t", 0.0, 0.2),
        recorded("c/t", 0.0, 0.2),
    ]
    protocol = replace(PROTOCOL, weighting="recorded")
    found = corrected(rows, [said(rows[2], "spurious"), said(rows[3], "real")], [sample_of(rows[2:], of=3)], protocol)
    # Half of the sampled weight is spurious, so 0.45 of all 0.9, of which b has 0.2: the unread run of a, which
    # weighs 0.5, stays with half of that. Left are 0.1 for the success, 0.25 and 0.2 for failures.
    assert score(found, "without_spurious") == pytest.approx(0.1 / (0.1 + 0.25 + 0.2), rel=1e-12)
    assert score(found, "upper_bound") == pytest.approx(0.1 + 0.25 + 0.2, rel=1e-12)


def test_no_success_counts_less_than_the_failure_that_it_was() -> None:
    """Scores of a task whose own threshold is 50, of which 40 is a failure."""
    rows = [
        make_row("a/t", 60.0, success=True),
        *(make_row(f"{name}/t", 40.0, success=False) for name in "bcd"),
    ]
    read = corrected(rows, [said(row, "spurious") for row in rows[1:]])
    assert score(read, "upper_bound") == score(read, "as_measured") == pytest.approx(45)
    result = read.result("upper_bound")
    assert result is not None
    assert result.success_rate.value == 1
    inferred = corrected(rows, [said(rows[1], "spurious")], [sample_of(rows[1:], of=3)])
    assert inferred.inferred
    assert score(inferred, "upper_bound") == pytest.approx(45)


def test_a_sample_tells_nothing_of_runs_that_it_could_not_have_drawn() -> None:
    """Drawn from runs below their tasks' thresholds (0.9); the protocol asks for more (0.97)."""
    good, bad = singles(2, 4)
    between = [make_row(f"between{n}/t", 0.95) for n in range(4)]
    findings = [said(bad[0], "spurious"), said(bad[1], "real")]
    protocol = replace(PROTOCOL, success_threshold=0.97)
    found = corrected([*good, *bad, *between], findings, [sample_of(bad, of=4)], protocol)
    # Two of four failures are spurious: one that was read and half of each of two that nobody has read.
    upper = found.result("upper_bound")
    assert upper is not None
    assert (upper.changed, upper.inferred) == pytest.approx((2, 1))
    assert upper.success_rate.value == pytest.approx((2 + 2) / 10)
    assert score(found, "upper_bound") == pytest.approx((2 + 2 + 4 * 0.95) / 10)
    told = "4 failed runs are none by their tasks' own thresholds, so that no sample was drawn from them"
    assert any(warning.startswith(told) for warning in found.warnings)
    # One of these that was read counts as what its reader says, and still tells nothing of others.
    more = corrected(
        [*good, *bad, *between], [*findings, said(between[0], "spurious")], [sample_of(bad, of=4)], protocol
    ).result("upper_bound")
    assert more is not None
    assert (more.changed, more.inferred) == pytest.approx((3, 1))
    assert more.success_rate.value == pytest.approx((2 + 3) / 10)


@pytest.mark.parametrize("label", ["success_doubtful", "spurious"])
def test_labels_that_do_not_fit_the_outcome_are_no_reading(label: str) -> None:
    """As where a run was scored after it had been read, or by a protocol with another threshold."""
    good, bad = singles(2, 3)
    row = bad[0] if label == "success_doubtful" else good[0]
    finding = Finding(run_id=row.run_id, label=label, labels={"ada": label})  # type: ignore[arg-type,dict-item]
    found = corrected([*good, *bad], [finding])
    assert sum(read.read + read.successes_read for read in found.read) == 0
    assert any(warning.startswith("the labels of 1 run do not fit") for warning in found.warnings)


def test_a_sample_of_runs_that_are_no_failures_any_more_tells_nothing() -> None:
    good, bad = singles(2, 8)
    findings = [said(bad[0], "real")]
    found = corrected([*good, *bad], findings, [sample_of([bad[0], good[0]], of=8)])
    assert not found.inferred
    assert "tells nothing of the 8 that there are now" in found.warnings[0]


def test_a_sample_whose_runs_are_all_alike_has_bounds_alone() -> None:
    """One run was read, and is spurious: each draw of a bootstrap says that all others are as well."""
    good, bad = singles(6, 8)
    labels: tuple[LabelName, ...] = ("spurious", "real")
    for label in labels:
        found = corrected([*good, *bad], [said(bad[0], label)], [sample_of(bad[:1], of=8)])
        result = found.result("upper_bound")
        assert result is not None
        assert result.overall_score.interval is None
        bounds = result.overall_score.bounds
        assert bounds is not None
        assert bounds.low < 0.52
        assert bounds.high > 0.9


def test_no_upper_bound_is_surer_than_what_was_measured() -> None:
    """All runs fail, which has bounds alone; two successes among them have an interval, which would end below."""
    _, bad = singles(0, 8)
    found = corrected(bad, [said(row, "spurious" if n < 2 else "real") for n, row in enumerate(bad)])
    measured, upper = found.corrected[0].overall_score, found.corrected[2].overall_score
    assert not measured.spread
    assert upper.interval is None
    assert measured.bounds is not None
    assert upper.bounds is not None
    assert upper.bounds.high >= measured.bounds.high


def test_a_category_is_counted_once_for_each_run() -> None:
    good, bad = singles(1, 3)
    findings = [
        Finding(run_id=bad[0].run_id, label="spurious", labels={"a": "spurious"}, categories={"refusal": 2}),
        Finding(run_id=bad[1].run_id, label="real", labels={"a": "real"}, categories={"refusal": 1, "misread": 1}),
    ]
    assert corrected([*good, *bad], findings).categories == {"misread": 1, "refusal": 2}


def test_what_staging_left_out_is_told_beside_the_upper_bound() -> None:
    """Spurious failures may be why a stage was not opened."""
    good, bad = singles(1, 1)
    rows = [*good, *bad, left_out("late/t", human_minutes=500.0), left_out("later/t", human_minutes=500.0)]
    found = corrected(rows, [said(bad[0], "spurious")])
    assert score(found, "upper_bound") == pytest.approx(0.5)
    told = "2 runs were left out by staging and count as failures in each of these numbers"
    assert any(warning.startswith(told) for warning in found.warnings)
