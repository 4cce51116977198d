"""The forest plot: what is in it, and that nothing of it falls off the page."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import load_protocol
from pytest_metr.protocol.impact import Step, measure_impact
from pytest_metr.types import Impact, RunRow

from .results import HOSTILE_NAMES

pytest.importorskip("matplotlib", reason="pictures need the extra `report`")

from matplotlib.axes import Axes

from pytest_metr.report.pictures import draw_impact
from pytest_metr.report.pictures.forest import Forest
from pytest_metr.report.pictures.page import Page, own_style

from .test_pictures_layout import assert_apart, boxes

PROTOCOL = replace(load_protocol("plain"), draws=40)


def agent(name: str, solved: int) -> Step:
    """An agent that solves the shortest of twelve tasks."""
    rows = tuple(
        RunRow(
            run_id=str(place),
            agent="agent",
            task_id=f"f{place % 4}/t{place}",
            family=f"f{place % 4}",
            status="scored",
            score=float(place < solved),
            success=place < solved,
            human_minutes=2.0**place,
        )
        for place in range(12)
    )
    return Step(name=name, rows=rows)


def impact_of(*solved: int, names: tuple[str, ...] = ()) -> Impact:
    names = names or tuple(f"step {place}" for place in range(len(solved)))
    return measure_impact("a study", [agent(*each) for each in zip(names, solved, strict=True)], PROTOCOL)


def drawn(impact: Impact) -> tuple[Page, list[str]]:
    with own_style():
        forest = Forest(impact)
        page = Page(forest.width, forest.height)
        forest.draw(page, 0.0)
    return page, [text.get_text() for text in page.figure.texts]


def places(axes: Axes, marker: str) -> list[float]:
    """Where the marks of a kind are, from above to below."""
    return [float(np.asarray(line.get_xdata())[0]) for line in axes.lines if line.get_marker() == marker]


def test_each_step_is_a_row_and_the_second_is_not_shown_twice() -> None:
    _, texts = drawn(impact_of(3, 5, 8))
    assert [text for text in texts if text.startswith(("2 step", "3 step"))] == ["2 step 1", "3 step 2", "3 step 2"]
    assert "each step on the first" in texts
    _, two = drawn(impact_of(3, 5))
    assert "each step on the first" not in two


def test_numbers_are_where_the_axes_say() -> None:
    impact = impact_of(3, 6, 9)
    page, _ = drawn(impact)
    points, ratio = page.figure.axes
    score = impact.gains[0].change("overall_score")
    horizon = impact.gains[0].change("time_horizon_p50")
    assert score is not None
    assert horizon is not None
    assert score.difference.value is not None
    assert places(points, "o")[0] == pytest.approx(100 * score.difference.value)
    assert horizon.difference.value is not None
    assert places(ratio, "D")[0] == pytest.approx(horizon.difference.value)  # the axis is in doublings
    for axes in (points, ratio):
        low, high = axes.get_xlim()
        assert low < 0 < high


def test_ranges_that_go_on_end_in_arrows_and_what_does_not_exist_has_no_mark() -> None:
    page, texts = drawn(impact_of(0, 6, 12))
    ratio = page.figure.axes[1]
    assert [line for line in ratio.lines if line.get_marker() == ">"]
    assert not [line for line in ratio.lines if line.get_marker() in ("D", "^")]
    assert any(text.startswith("infinite") for text in texts)
    page, texts = drawn(impact_of(0, 0))
    assert not [line for line in page.figure.axes[1].lines if line.get_marker() in ("D", "^", "<", ">")]
    assert texts.count("none (both: all failures)") == 2


@pytest.mark.parametrize("names", [HOSTILE_NAMES, [f"{'a very long name ' * 20}{place}" for place in range(3)]])
def test_no_name_leaves_the_page_or_runs_into_the_axes(names: list[str], tmp_path: Path) -> None:
    impact = impact_of(*[3] * len(names), names=tuple(names))
    page, _ = drawn(replace(impact, study="a long title " * 40))
    texts = boxes(page)
    assert_apart(texts)
    first_axes = page.figure.axes[0].get_window_extent().x0 / page.figure.dpi
    for text, box in texts:
        assert box.x0 >= 0
        assert box.x1 <= page.width
        if text.startswith(("2 ", "3 ")):
            assert box.x1 <= first_axes
    file = tmp_path / "hostile.svg"
    draw_impact(impact, file)
    assert ElementTree.parse(file).getroot().tag.endswith("svg")


def test_the_same_study_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg", "one.png", "two.png"):
        draw_impact(impact_of(3, 6), tmp_path / name)
    for kind in ("svg", "png"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()


def test_a_study_without_common_tasks_cannot_be_drawn(tmp_path: Path) -> None:
    with pytest.raises(UsageMistake, match="there is nothing to draw"):
        draw_impact(replace(impact_of(3, 6), gains=(), from_first=()), tmp_path / "none.svg")
