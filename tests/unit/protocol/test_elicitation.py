"""Corrected scores against cases worked out by hand, and against the exact evaluation of corrected rows."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.protocol import evaluate_agent
from pytest_metr.protocol.elicitation import elicit
from pytest_metr.types import Correction, Elicitation, EvaluationProtocol, Finding, LabelName, RunRow, Sample
from tests.unit.protocol.check_rows import make_row
from tests.unit.protocol.runs import PROTOCOL, properties


def said(row: RunRow, *labels: LabelName) -> Finding:
    """Return what one reader says of a run, or several."""
    agreed = labels[0] if len(set(labels)) == 1 else None
    return Finding(run_id=row.run_id, label=agreed, labels={f"reader{n}": label for n, label in enumerate(labels)})


def sample_of(rows: Sequence[RunRow], *, of: int, **more: Any) -> Sample:
    known: dict[str, Any] = {"agent": "agent", "population": "failed", "seed": 1, "reviewer": "ada", "at": ""}
    return Sample(runs=tuple(row.run_id for row in rows), of=of, **{**known, **more})


def corrected(
    rows: Sequence[RunRow],
    findings: Sequence[Finding],
    samples: Sequence[Sample] = (),
    protocol: EvaluationProtocol = PROTOCOL,
) -> Elicitation:
    return elicit(rows, protocol, findings={f.run_id: f for f in findings}, samples=samples)


def score(found: Elicitation, name: Correction) -> float:
    result = found.result(name)
    assert result is not None
    assert result.overall_score.value is not None
    return result.overall_score.value


#: Family a: two runs of a/1, one of a/2; family b: two runs of b/1. Weights before scaling: 1 / (2 sqrt 2) for each run
#: of a/1, 1 / sqrt 2 for a/2, 1/2 for each of b/1; together 1 + sqrt 2.
A11, A12, A21 = make_row("a/1", 1.0, run=1), make_row("a/1", 0.0, run=2), make_row("a/2", 0.5, human_minutes=100.0)
B11, B12 = make_row("b/1", 0.0, run=1, human_minutes=40.0), make_row("b/1", 1.0, run=2, human_minutes=40.0)
ROWS = [A11, A12, A21, B11, B12]
ROOT = math.sqrt(2)


def test_read_runs_are_corrected_as_worked_out_by_hand() -> None:
    findings = [said(A12, "spurious", "real"), said(A21, "spurious"), said(B11, "real"), said(B12, "success_doubtful")]
    found = corrected(ROWS, findings)
    assert score(found, "as_measured") == pytest.approx((1 / (2 * ROOT) + 0.5 / ROOT + 1 / 2) / (1 + ROOT), rel=1e-12)
    # Without a/2 the family a has one task, which weighs as much as b/1.
    assert score(found, "without_spurious") == pytest.approx((1 / 2 + 1 / 2) / 2, rel=1e-12)
    # What is disputed counts as well.
    assert score(found, "upper_bound") == pytest.approx((2 / ROOT + 1 / 2) / (1 + ROOT), rel=1e-12)
    assert score(found, "without_doubtful") == pytest.approx((1 / (2 * ROOT) + 0.5 / ROOT) / (1 + ROOT), rel=1e-12)
    assert [(result.changed, result.inferred) for result in found.corrected] == [(0, 0), (1, 0), (2, 0), (1, 0)]
    assert not found.inferred


def test_brackets_and_horizons_are_those_of_the_corrected_rows() -> None:
    found = corrected(ROWS, [said(row, "spurious") for row in (A12, A21, B11)])
    for name, rows in (
        ("without_spurious", [A11, B12]),
        ("upper_bound", [replace(row, score=1.0, success=True) for row in ROWS]),
        ("without_doubtful", ROWS),
        ("as_measured", ROWS),
    ):
        result, expected = found.result(name), evaluate_agent(rows, PROTOCOL)  # type: ignore[arg-type]
        assert result is not None
        assert (result.overall_score, result.success_rate) == (expected.overall_score, expected.success_rate)
        assert (result.horizon, result.brackets) == (expected.horizon, expected.brackets)


def test_what_was_read_is_counted_by_bracket() -> None:
    findings = [said(A12, "spurious", "real"), said(A21, "tradeoff"), said(B12, "success_doubtful")]
    short, long = corrected(ROWS, findings).read
    assert (short.bracket, short.failures, short.read, short.disputed) == ("short", 2, 1, 1)
    assert (short.successes, short.successes_read, short.doubtful) == (2, 1, 1)
    assert (long.bracket, long.failures, long.read, long.tradeoff, long.spurious) == ("long", 1, 1, 1, 0)


def singles(successes: int, failures: int) -> tuple[list[RunRow], list[RunRow]]:
    """Return runs that all weigh the same: one of each family, all of one bracket."""
    good = [make_row(f"good{n}/t", 1.0, human_minutes=5.0) for n in range(successes)]
    return good, [make_row(f"bad{n}/t", 0.0, human_minutes=20.0) for n in range(failures)]


def test_a_random_sample_speaks_for_the_runs_that_were_not_read() -> None:
    good, bad = singles(2, 8)
    labels: list[LabelName] = ["real", "spurious", "real", "tradeoff"]
    findings = [said(row, label) for row, label in zip(bad, labels, strict=False)]
    found = corrected([*good, *bad], findings, [sample_of(bad[:6], of=8)])
    # One of four was spurious; so are two of eight, one of which is known, and each of the four others with 1/4.
    assert score(found, "upper_bound") == pytest.approx((2 + 1 + 4 / 4) / 10, rel=1e-12)
    # Left are 2 successes, 3 failures that were read, and 3/4 of each of four that were not.
    assert score(found, "without_spurious") == pytest.approx(2 / (2 + 3 + 3), rel=1e-12)
    assert score(found, "without_doubtful") == score(found, "as_measured") == pytest.approx(0.2)
    results = {result.name: (result.changed, result.inferred) for result in found.corrected}
    assert results["upper_bound"] == results["without_spurious"] == pytest.approx((2, 1))
    assert found.inferred


def test_runs_that_were_chosen_to_be_read_do_not_count_twice() -> None:
    good, bad = singles(2, 8)
    findings = [said(row, "spurious" if n in (1, 7) else "real") for n, row in enumerate(bad) if n < 4 or n == 7]
    found = corrected([*good, *bad], findings, [sample_of(bad[:4], of=8)])
    # The sample says two of eight, and both are known: nothing is left for the three that nobody has read.
    assert score(found, "upper_bound") == pytest.approx(0.4, rel=1e-12)
    assert [result.inferred for result in found.corrected] == [0, 0, 0, 0]


def test_the_curve_takes_unread_runs_as_fractions() -> None:
    good, bad = singles(6, 8)
    findings = [said(row, "spurious" if n == 0 else "real") for n, row in enumerate(bad[:4])]
    found = corrected([*good, *bad], findings, [sample_of(bad[:4], of=8)]).result("upper_bound")
    shares = [1.0, 0.0, 0.0, 0.0, 0.25, 0.25, 0.25, 0.25]
    rows = [*good, *(replace(row, score=share) for row, share in zip(bad, shares, strict=True))]
    expected = evaluate_agent(rows, replace(PROTOCOL, fractional=True)).horizon
    assert found is not None
    assert found.horizon.slope == pytest.approx(expected.slope, rel=1e-9)
    assert found.horizon.at["50"].value == pytest.approx(expected.at["50"].value, rel=1e-9)


def test_a_sample_read_to_its_end_is_no_inference() -> None:
    good, bad = singles(2, 4)
    findings = [said(row, "spurious" if n % 2 else "real") for n, row in enumerate(bad)]
    with_sample = corrected([*good, *bad], findings, [sample_of(bad, of=4)])
    assert with_sample.corrected == corrected([*good, *bad], findings).corrected
    assert not with_sample.inferred


def test_strata_are_brackets_that_have_enough_sampled_runs() -> None:
    short = [make_row(f"s{n}/t", 0.0, human_minutes=5.0) for n in range(10)]
    long = [make_row(f"l{n}/t", 0.0, human_minutes=500.0) for n in range(10)]
    findings = [said(row, "spurious") for row in short[:5]] + [said(row, "real") for row in long[:5]]
    read = [*short[:5], *long[:5]]
    apart = corrected([*short, *long], findings, [sample_of(read, of=20)]).result("upper_bound")
    assert apart is not None
    assert [bracket.score.value for bracket in apart.brackets] == pytest.approx([1.0, 0.0])
    # With four in one of them both are one stratum: what is unread is spurious with (5/9 * 20 - 5) / 11.
    one = corrected([*short, *long], findings[:-1], [sample_of(read[:-1], of=20)]).result("upper_bound")
    assert one is not None
    chance = (5 / 9 * 20 - 5) / 11
    assert [b.score.value for b in one.brackets] == pytest.approx([(5 + 5 * chance) / 10, 6 * chance / 10])


def test_a_task_keeps_its_weight_as_long_as_it_keeps_a_run() -> None:
    """Two runs of a task, one of which may be left out, and one run of another."""
    rows = [make_row("a/1", 0.0, run=1), make_row("a/1", 1.0, run=2), make_row("b/1", 0.0), make_row("c/1", 0.0)]
    findings = [said(rows[2], "spurious"), said(rows[3], "real")]
    found = corrected(rows, findings, [sample_of(rows[2:], of=3)])
    # q = 1/2 by weight 2/3 of 5/6 ... by hand: weights a 1/6 each, b 1/3, c 1/3; q = 1/2; all failures weigh 5/6, so
    # hits weigh 5/12, of which b is 1/3: the unread run of a is a hit with (5/12 - 1/3) / (1/6) = 1/2.
    # Left: a (weight 1/2 of the kept, whose runs stay with 1/2 and 1), c.
    chance = 1 / 2
    in_a = 1.0 / (1 + (1 - chance))
    assert score(found, "without_spurious") == pytest.approx((in_a + 0) / 2, rel=1e-12)


def test_a_sample_counts_up_to_the_first_run_that_was_passed_over() -> None:
    good, bad = singles(2, 8)
    findings = [said(bad[0], "real"), said(bad[2], "spurious")]
    found = corrected([*good, *bad], findings, [sample_of(bad[:4], of=8)])
    [reads] = found.read[:1]
    assert (reads.read, reads.sampled, reads.sampled_spurious) == (2, 1, 0)


def test_a_sample_of_other_runs_than_there_are_tells_nothing() -> None:
    good, bad = singles(2, 8)
    found = corrected([*good, *bad], [said(bad[0], "spurious")], [sample_of(bad[:1], of=7)])
    assert not found.inferred
    told = "a random sample was drawn from 7 failed runs, and tells nothing of the 8 that there are now"
    assert found.warnings[0] == told
    assert "1 of 8 failed runs were read, none of them drawn at random" in found.warnings[1]


def test_nobody_has_read_anything() -> None:
    found = corrected(ROWS, [])
    assert len({score(found, result.name) for result in found.corrected}) == 1
    assert found.warnings == ("no failed run was read: nothing is corrected, and the upper bound is none",)


def test_a_sample_without_hits_still_leaves_some_possible() -> None:
    good, bad = singles(10, 30)
    findings = [said(row, "real") for row in bad[:10]]
    upper = corrected([*good, *bad], findings, [sample_of(bad[:10], of=30)]).result("upper_bound")
    assert upper is not None
    assert upper.overall_score.value == pytest.approx(0.25)
    # Exact binomial: 0 of 10 leave a chance of at most 1 - 0.025 ** (1/10), of 20 unread runs in 40.
    chance = (30 * (1 - 0.025 ** (1 / 10)) - 0) / 30
    assert upper.overall_score.bounds is not None
    assert upper.overall_score.bounds.high >= 0.25 + chance * 20 / 40


def test_an_agent_without_runs_has_no_numbers() -> None:
    found = corrected([], [])
    assert [result.overall_score.problem for result in found.corrected] == ["no_runs"] * 4


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 1), st.integers(0, 2)), min_size=1, max_size=12), st.data())
@properties
def test_corrections_move_numbers_only_the_way_they_can(runs: list[tuple[int, int, int]], data: st.DataObject) -> None:
    rows = [make_row(f"f{family}/t", float(good), run=n) for n, (family, good, _) in enumerate(runs)]
    findings = []
    for row, (_, good, label) in zip(rows, runs, strict=True):
        labels: list[LabelName] = ["real", "success_doubtful"] if good else ["real", "spurious"]
        if label < 2:
            findings.append(said(row, labels[label]))
    failed = [row for row in rows if not row.success]
    drawn = data.draw(st.permutations(failed))
    samples = [sample_of(drawn, of=len(failed))] if failed else []
    protocol = replace(PROTOCOL, draws=20)
    found = corrected(rows, findings, samples, protocol)
    assert score(found, "without_doubtful") <= score(found, "as_measured") + 1e-12
    assert score(found, "upper_bound") >= score(found, "as_measured") - 1e-12
    for result in found.corrected:
        number = result.overall_score
        assert number.interval is None or number.bounds is not None
        if number.interval is not None and number.bounds is not None:
            assert number.bounds.low <= number.interval.low
            assert number.interval.high <= number.bounds.high
    turned = rows[::-1]
    again = corrected(turned, findings, samples, protocol)
    assert [r.overall_score for r in again.corrected] == [r.overall_score for r in found.corrected]


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Few repetitions; benchmarks/elicitation makes more."""
    from benchmarks.elicitation import covered

    rates = covered(runs=2, together=False, repetitions=40, draws=200, rng=random.Random(5))
    assert min(rates.values()) >= 0.8
