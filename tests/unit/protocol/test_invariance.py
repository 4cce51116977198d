"""What may not change a number: order, files, names, scale, other agents, threads."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pytest_metr.protocol import evaluate_agent
from pytest_metr.types import AgentResult, RunRow

from .runs import PROTOCOL, make_row, properties

QUICK = replace(PROTOCOL, draws=10)
few = settings(properties, max_examples=25)
NAMES = {"a": "zebra", "b": "a", "c": "b", "d": "middle"}

scores = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1))


@st.composite
def agents_rows(draw: st.DrawFn) -> list[RunRow]:
    tasks = draw(
        st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("uvwxyz")), min_size=1, max_size=10, unique=True)
    )
    rows = []
    for family, name in tasks:
        minutes = draw(st.one_of(st.none(), st.sampled_from([1.0, 8.0, 60.0, 480.0]), st.floats(0.1, 5000)))
        runs = draw(st.lists(scores, min_size=1, max_size=3))
        rows += [make_row(f"{family}/{name}", run=n, score=s, minutes=minutes) for n, s in enumerate(runs)]
    return rows


def numbers(result: AgentResult) -> dict[str, Any]:
    """All numbers of a result, without the names of its tasks."""
    data = result.to_json()
    tasks = [{k: v for k, v in t.items() if k not in ("task_id", "family")} for t in data.pop("task_results")]
    return {**data, "tasks_": sorted(tasks, key=json.dumps)}


def renamed(row: RunRow) -> RunRow:
    family, _, task = row.task_id.partition("/")
    return replace(row, family=NAMES[family], task_id=f"{NAMES[family]}/{'zyxwvu'['uvwxyz'.index(task)]}")


@few
@given(agents_rows(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_digit(rows: list[RunRow], shuffler: random.Random) -> None:
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    assert evaluate_agent(shuffled, QUICK) == evaluate_agent(rows, QUICK)


@few
@given(agents_rows())
def test_the_names_of_tasks_and_families_change_no_digit(rows: list[RunRow]) -> None:
    assert numbers(evaluate_agent([renamed(row) for row in rows], QUICK)) == numbers(evaluate_agent(rows, QUICK))


@few
@given(agents_rows())
def test_where_rows_were_read_and_what_they_are_called_changes_no_digit(rows: list[RunRow]) -> None:
    split = [replace(row, run_id=f"other-{n}", place=f"part-{n % 2}.jsonl:{n}") for n, row in enumerate(rows)]
    assert evaluate_agent(split[::2] + split[1::2], QUICK) == evaluate_agent(rows, QUICK)


@few
@given(agents_rows(), st.sampled_from([1e-200, 0.125, 3.0, 1e200]), st.integers(0, 100))
def test_the_scale_of_weights_does_not_matter(rows: list[RunRow], scale: float, seed: int) -> None:
    shares = random.Random(seed)
    weights = [shares.uniform(0.1, 1) for _ in rows]
    one = evaluate_agent(rows, QUICK, weights=weights)
    other = evaluate_agent(rows, QUICK, weights=[scale * weight for weight in weights])
    assert other.overall_score.value == pytest.approx(one.overall_score.value, rel=1e-12)
    assert other.success_rate.value == pytest.approx(one.success_rate.value, rel=1e-12)


@few
@given(agents_rows())
def test_every_run_twice_leaves_the_point_estimates(rows: list[RunRow]) -> None:
    twice = [replace(row, run_id=f"{row.run_id}-{n}") for row in rows for n in range(2)]
    one, two = evaluate_agent(rows, QUICK), evaluate_agent(twice, QUICK)
    assert two.overall_score.value == pytest.approx(one.overall_score.value, rel=1e-12, abs=1e-12)
    assert two.horizon.problem == one.horizon.problem
    if one.horizon.intercept is not None:
        assert two.horizon.slope == pytest.approx(one.horizon.slope, rel=1e-6, abs=1e-9)
        assert two.horizon.intercept == pytest.approx(one.horizon.intercept, rel=1e-6, abs=1e-9)
    for before, after in zip(one.brackets, two.brackets, strict=True):
        assert (after.score.value or 0) == pytest.approx(before.score.value or 0, abs=1e-12)


@few
@given(agents_rows())
def test_every_estimate_is_sound(rows: list[RunRow]) -> None:
    result = evaluate_agent(rows, QUICK)
    estimates = [result.overall_score, result.success_rate, *result.horizon.at.values()]
    estimates += [e for bracket in result.brackets for e in (bracket.score, bracket.success_rate)]
    for estimate in estimates:
        assert (estimate.value is None) <= (estimate.problem is not None)
        assert 0 <= estimate.left_out <= QUICK.draws
        if estimate.interval is not None:
            assert estimate.bounds is not None
            assert estimate.bounds.low <= estimate.interval.low <= estimate.interval.high <= estimate.bounds.high
    assert 0 <= (result.overall_score.value or 0) <= 1 + 1e-12
    assert AgentResult.from_json(result.to_json()) == result


@few
@given(agents_rows())
def test_one_more_success_never_lowers_the_score(rows: list[RunRow]) -> None:
    assume(any(not row.success for row in rows))
    worse = next(n for n, row in enumerate(rows) if not row.success)
    better = [replace(row, score=1.0, success=True) if n == worse else row for n, row in enumerate(rows)]
    before, after = evaluate_agent(rows, QUICK), evaluate_agent(better, QUICK)
    assert (after.overall_score.value or 0) >= (before.overall_score.value or 0) - 1e-12
    assert (after.success_rate.value or 0) > (before.success_rate.value or 0)


def test_agents_have_random_numbers_of_their_own() -> None:
    rows = [make_row(f"f{n}/t", score=1 / (n + 1), minutes=2.0**n) for n in range(9)]
    first = evaluate_agent(rows, PROTOCOL)
    assert evaluate_agent(rows, PROTOCOL) == first
    other = evaluate_agent([replace(row, agent="other") for row in rows], PROTOCOL)
    assert other.overall_score.value == first.overall_score.value
    assert other.overall_score.interval != first.overall_score.interval
    assert evaluate_agent(rows, replace(PROTOCOL, seed=1)).overall_score.interval != first.overall_score.interval


PROGRAM = """
import json, sys
from dataclasses import replace
from tests.unit.protocol.runs import PROTOCOL, make_row
from pytest_metr.protocol import evaluate_agent

rows = [make_row(f"f{n % 50}/t{n}", run=k, score=(n * 7 + k * 3) % 11 / 10, minutes=1.1 ** n)
        for n in range(120) for k in range(4)]
print(json.dumps(evaluate_agent(rows, replace(PROTOCOL, fractional=True)).to_json()))
"""


def test_the_number_of_threads_changes_no_digit() -> None:
    found = []
    for threads in ("1", "2"):
        variables = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        environment = {**os.environ, **dict.fromkeys(variables, threads)}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True, timeout=120
        )
        found.append(json.loads(done.stdout))
    assert found[0] == found[1]
    assert found[0]["horizon"]["slope"] != 0
