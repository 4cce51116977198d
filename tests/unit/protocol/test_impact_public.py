"""METR's public agents as a study."""

from __future__ import annotations

import math

import pytest

from pytest_metr.protocol import compare_agents
from pytest_metr.protocol.impact import Step, measure_impact
from pytest_metr.types import Impact

from .impact_steps import change_of, value
from .runs import public_lines, public_reference, public_rows
from .test_compare_public import METR, P50

AGENTS = ("GPT-4 0314", "GPT-4 Turbo", "Claude 3 Opus", "Claude 3.5 Sonnet (Old)")


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    lines = public_lines()
    return [Step(name=agent, rows=tuple(public_rows(lines[agent]))) for agent in AGENTS]


@pytest.fixture(scope="module")
def impact(steps: list[Step]) -> Impact:
    return measure_impact("METR's agents", steps, METR)


def test_each_gain_is_what_compare_says(steps: list[Step], impact: Impact) -> None:
    assert (impact.tasks, impact.families, impact.not_compared) == (83, 36, ())
    for place, gain in enumerate(impact.gains):
        assert gain.changes == compare_agents(steps[place].rows, steps[place + 1].rows, METR).changes
    assert impact.from_first[-1].changes == compare_agents(steps[0].rows, steps[-1].rows, METR).changes


def test_the_chain_adds_up_to_the_exact_horizons(impact: Impact) -> None:
    parts = math.fsum(value(gain) for gain in impact.gains)
    assert value(impact.from_first[-1]) == pytest.approx(parts, abs=1e-12)
    exact = [public_reference()[agent]["exact"]["p50"] for agent in (AGENTS[0], AGENTS[-1])]
    ratios = [change_of(gain, P50).ratio.value or math.nan for gain in impact.gains]
    assert math.prod(ratios) == pytest.approx(exact[1] / exact[0], rel=1e-5)


def test_the_margins_are_those_of_the_step_to_another_generation(impact: Impact) -> None:
    margins = {margin.metric: margin for margin in impact.margins}
    for metric in ("overall_score", P50):
        assert (margins[metric].before, margins[metric].after) == (AGENTS[-2], AGENTS[-1])
    bounds = change_of(impact.gains[-1]).difference.bounds
    assert bounds is not None
    assert margins["overall_score"].margin == f"{math.ceil(1000 * bounds.high) / 10:g} points"


def test_an_agent_that_fails_everything_leaves_no_margin_for_horizons(steps: list[Step]) -> None:
    lines = public_lines()
    names = ("davinci-002", "gpt-3.5-turbo-instruct")
    first = [Step(name=agent, rows=tuple(public_rows(lines[agent]))) for agent in names]
    impact = measure_impact("from nothing", [*first, steps[0]], METR)
    margins = {margin.metric: margin for margin in impact.margins}
    assert impact.tasks == 16
    assert margins["overall_score"].margin is not None
    assert margins[P50].margin is None
    assert "can be more than a factor" in margins[P50].remarks[-1]
