"""Steps of a study on few tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from pytest_metr.protocol.impact import Step
from pytest_metr.types import Change, Gain, RunRow

from .compare_rows import runs_of

Scores = Mapping[str, Sequence[float]]


def step(name: str, scores: Scores, minutes: float | None = 10.0) -> Step:
    """A step whose agent has its name."""
    return Step(name=name, rows=tuple(runs_of(name, scores, minutes)))


def change_of(gain: Gain, metric: str = "overall_score") -> Change:
    change = gain.change(metric)
    assert change is not None
    return change


def value(gain: Gain, metric: str = "overall_score") -> float:
    """The difference of a score."""
    found = change_of(gain, metric).difference.value
    assert found is not None
    return found


@st.composite
def three_steps(draw: st.DrawFn) -> list[Step]:
    """Three agents with runs of some of the same tasks, of which one is common to all."""
    rows: list[list[RunRow]] = [[], [], []]
    names = ("base", "tuned", "scaffold")
    tasks = st.tuples(st.sampled_from("abc"), st.sampled_from("uv"), st.sampled_from([None, 1.0, 30.0, 500.0]))
    for family, task, minutes in draw(st.lists(tasks, min_size=1, max_size=5, unique_by=lambda each: each[:2])):
        for agent, own in zip(names, rows, strict=True):
            scores = draw(st.lists(st.sampled_from([0.0, 0.4, 1.0]), max_size=2))
            own += runs_of(agent, {f"{family}/{task}": scores}, minutes)
    for agent, own in zip(names, rows, strict=True):
        own += runs_of(agent, {"common/task": [draw(st.sampled_from([0.0, 1.0]))]})
    return [Step(name=name, rows=tuple(own)) for name, own in zip(names, rows, strict=True)]
