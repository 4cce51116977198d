"""Rows of two agents on the same tasks, and comparisons turned around."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from pytest_metr.protocol import compare_agents
from pytest_metr.types import Change, Comparison, EvaluationProtocol, Interval, RunRow

from .runs import PROTOCOL, make_row


def runs_of(agent: str, scores: Mapping[str, Sequence[float]], minutes: float | None = 10.0) -> list[RunRow]:
    """Rows of an agent: for each task its scores."""
    return [
        make_row(task, agent=agent, run=run, score=score, minutes=minutes)
        for task, of_task in scores.items()
        for run, score in enumerate(of_task, 1)
    ]


def compared(
    before: Mapping[str, Sequence[float]],
    after: Mapping[str, Sequence[float]],
    protocol: EvaluationProtocol = PROTOCOL,
) -> Comparison:
    return compare_agents(runs_of("old", before), runs_of("new", after), protocol)


def change_of(comparison: Comparison, metric: str = "overall_score") -> Change:
    change = comparison.change(metric)
    assert change is not None
    return change


def negated(interval: Interval | None) -> Interval | None:
    return None if interval is None else Interval(low=-interval.high, high=-interval.low)


@st.composite
def two_agents(draw: st.DrawFn) -> tuple[list[RunRow], list[RunRow]]:
    """Rows of two agents, of which some tasks are common: few scores, few minutes, so that much is alike."""
    tasks = draw(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.sampled_from("uvw"), st.sampled_from([None, 1.0, 30.0, 500.0])),
            min_size=1,
            max_size=7,
            unique_by=lambda task: task[:2],
        )
    )
    names = draw(st.sampled_from([("old", "new"), ("a", "b"), ("same", "same")]))
    sides: tuple[list[RunRow], list[RunRow]] = ([], [])
    for family, name, minutes in tasks:
        for agent, rows in zip(names, sides, strict=True):
            scores = draw(st.lists(st.sampled_from([0.0, 0.4, 1.0]), max_size=3))
            rows += runs_of(agent, {f"{family}/{name}": scores}, minutes)
    for agent, rows in zip(names, sides, strict=True):
        rows += runs_of(agent, {"common/task": [draw(st.sampled_from([0.0, 1.0]))]})
    return sides
