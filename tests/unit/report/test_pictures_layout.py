"""What stands where on a page: nothing overlaps, nothing is outside, and every mark is at its number."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from pytest_metr.types import AgentResult, Bracket, Interval

from .results import (
    BRACKETS,
    HOSTILE_NAMES,
    PROTOCOL,
    all_failures,
    all_successes,
    degenerate,
    make_agent,
    no_minutes,
    not_falling,
)

pytest.importorskip("matplotlib", reason="pictures need the extra `report`")

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from pytest_metr.report.pictures.bars import Bars
from pytest_metr.report.pictures.page import Page, fitted, own_style, text_width
from pytest_metr.report.pictures.panels import Panels
from pytest_metr.report.pictures.timescale import shared_limits, ticks

AGENTS = {
    "one": [make_agent("gpt-4")],
    "eight": [make_agent(f"checkpoint-{number}00", p50=2.0**number) for number in range(8)],
    "twelve, hostile": [make_agent(name) for name in (*HOSTILE_NAMES, "o1")],
    "degenerate": degenerate(),
}
any_agents = pytest.mark.parametrize("agents", AGENTS.values(), ids=AGENTS)


def paged(block: Panels | Bars) -> Page:
    page = Page(block.width, block.height)
    block.draw(page, 0.0)
    return page


def boxes(page: Page) -> list[tuple[str, Bbox]]:
    """Return where each text is, in inches."""
    page.figure.draw_without_rendering()
    # An axis has ticks beyond its ends as well, which it does not draw.
    shown = [text for axes in page.figure.axes for axis in (axes.xaxis, axes.yaxis) for text in drawn_labels(axis)]
    shown += [axis.label for axes in page.figure.axes for axis in (axes.xaxis, axes.yaxis)]
    shown += [text for legend in page.figure.legends for text in legend.get_texts()] + page.figure.texts
    found = []
    for text in shown:
        if text.get_text().strip():
            extent = text.get_window_extent()
            found.append((text.get_text(), Bbox(extent.get_points() / page.figure.dpi)))
    return found


def drawn_labels(axis: Axis) -> list[Text]:
    low, high = sorted(axis.get_view_interval())
    return [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]


def assert_apart(texts: Sequence[tuple[str, Bbox]]) -> None:
    # The box of a text has a little air around its letters.
    for (one, first), (other, second) in itertools.combinations(texts, 2):
        shared = Bbox.intersection(first, second)
        assert shared is None or shared.width < 0.02 or shared.height < 0.03, (one, other)


@any_agents
@pytest.mark.parametrize("kind", [Panels, Bars])
def test_no_text_overlaps_another_or_leaves_the_page(kind: type[Panels | Bars], agents: list[AgentResult]) -> None:
    with own_style():
        page = paged(kind(PROTOCOL, agents))
        texts = boxes(page)
    for text, box in texts:
        assert -0.02 <= box.x0 < box.x1 <= page.width + 0.02, text
        assert -0.02 <= box.y0 < box.y1 <= page.height + 0.02, text
    assert_apart(texts)


def panel(agent: AgentResult) -> Axes:
    with own_style():
        page = paged(Panels(PROTOCOL, [agent]))
    return page.figure.axes[0]


def points(line: Line2D) -> list[tuple[float, float]]:
    xs, ys = np.asarray(line.get_xdata(), dtype=float), np.asarray(line.get_ydata(), dtype=float)
    return [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]


def lines_at(axes: Axes, height: float) -> Iterator[list[float]]:
    """Return the ends of the horizontal lines at that height, those over the whole width left out."""
    for line in axes.get_lines():
        ends = points(line)
        if len(ends) == 2 and {y for _, y in ends} == {height} and [x for x, _ in ends] != [0, 1]:
            yield [x for x, _ in ends]


def marks_at(axes: Axes, height: float, marker: str) -> list[float]:
    marks = [point for line in axes.get_lines() if line.get_marker() == marker for point in points(line)]
    return [x for x, y in marks if y == pytest.approx(height)]


def curves(axes: Axes) -> list[Line2D]:
    return [line for line in axes.get_lines() if len(points(line)) > 100]


def test_a_horizon_is_marked_on_the_curve_with_its_interval_as_a_bar() -> None:
    axes = panel(make_agent(p50=20))
    assert marks_at(axes, 0.5, "D") == [pytest.approx(20)]
    assert list(lines_at(axes, 0.5)) == [[pytest.approx(5), pytest.approx(80)]]
    on_curves = [point for curve in curves(axes) for point in points(curve)]
    _, chance = min(on_curves, key=lambda point: abs(math.log(point[0] / 20)))
    assert chance == pytest.approx(0.5, abs=0.02)


def test_the_curve_is_dashed_where_there_are_no_tasks() -> None:
    dashed, solid, dashed_again = curves(panel(make_agent()))
    assert [line.get_linestyle() for line in (dashed, solid, dashed_again)] == ["--", "-", "--"]
    assert [points(solid)[end][0] for end in (0, -1)] == [pytest.approx(1.5), pytest.approx(800)]


def test_a_bracket_is_in_the_middle_of_its_tasks_at_its_rate_with_its_interval() -> None:
    agent = make_agent()
    axes = panel(agent)
    first = agent.brackets[0].success_rate
    assert first.value is not None
    assert first.interval is not None
    (middle,) = [x for x in marks_at(axes, first.value, "s") if x < 4]
    assert middle == pytest.approx(math.sqrt(1.5 * 3))
    whiskers = [points(line) for line in axes.get_lines() if len(points(line)) == 2]
    assert [(middle, first.interval.low), (middle, first.interval.high)] in whiskers


def test_a_curve_that_was_fitted_to_scores_stands_among_scores() -> None:
    agent = make_agent()
    agent = replace(agent, task_results=tuple(replace(task, score=0.33) for task in agent.task_results))
    with own_style():
        axes = paged(Panels(replace(PROTOCOL, fractional=True), [agent])).figure.axes[0]
    assert len(marks_at(axes, 0.33, "o")) == len(agent.task_results)
    assert axes.get_ylabel() == "score"


def test_the_area_of_a_task_stands_for_its_weight() -> None:
    agent = make_agent()
    heavy, *light = agent.task_results
    agent = replace(agent, task_results=(replace(heavy, weight=4 * heavy.weight), *light))
    tasks = [line for line in panel(agent).get_lines() if line.get_marker() == "o"]
    sizes = {x: line.get_markersize() for line in tasks for x, _ in points(line)}
    assert sizes[1.5] == pytest.approx(2 * sizes[3], abs=0.5)


@pytest.mark.parametrize(
    ("agent", "bar", "arrow"),
    [(all_failures(), (None, 30.0), "<"), (all_successes(), (200.0, None), ">")],
)
def test_bounds_without_a_curve_are_a_bar_with_an_arrow(
    agent: AgentResult, bar: tuple[float | None, float | None], arrow: str
) -> None:
    axes = panel(agent)
    ends = [limit if end is None else end for end, limit in zip(bar, axes.get_xlim(), strict=True)]
    for height in (0.5, 0.8):
        assert list(lines_at(axes, height)) == [[pytest.approx(end) for end in ends]]
        assert len(marks_at(axes, height, arrow)) == 1


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (all_failures(), "every run failed"),
        (all_successes(), "every run succeeded"),
        (not_falling(), "success does not fall with time"),
        (no_minutes(), "no human minutes"),
    ],
)
def test_a_panel_without_a_horizon_says_why(agent: AgentResult, words: str) -> None:
    with own_style():
        page = paged(Panels(PROTOCOL, [agent]))
    assert words in [text.get_text() for text in page.figure.texts]


def bars_of(axes: Axes) -> list[tuple[float, float]]:
    """Return the place and height of each bar that is filled."""
    bars = [bar for bar in axes.patches if isinstance(bar, Rectangle) and to_rgba(bar.get_facecolor())[3] > 0]
    return [(round(bar.get_x() + bar.get_width() / 2, 6), bar.get_height()) for bar in bars]


def test_bars_have_the_heights_of_the_scores_and_stand_by_agent_within_a_bracket() -> None:
    agents = [make_agent("one", p50=4), make_agent("two", p50=60)]
    with own_style():
        axes = paged(Bars(PROTOCOL, agents)).figure.axes[0]
    heights = [height for _, height in sorted(bars_of(axes))]
    scores = [[bracket.score.value for bracket in agent.brackets if bracket.tasks] for agent in agents]
    assert heights == [score for pair in zip(*scores, strict=True) for score in pair]
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert names[:2] == ["few minutes\nup to 4 min\n2 tasks", "several minutes\n4 min to 15 min\n3 tasks"]


def test_a_bracket_that_an_agent_has_no_task_of_has_a_mark_and_no_bar() -> None:
    with own_style():
        page = paged(Bars(PROTOCOL, [make_agent("one"), no_minutes()]))
    axes = page.figure.axes[0]
    assert len(bars_of(axes)) == 5
    assert len(marks_at(axes, 0, "x")) == 5
    assert any("x: no run" in text.get_text() for text in page.figure.texts)


def test_scores_beyond_0_and_1_stay_inside_the_axes() -> None:
    agent = make_agent()
    odd = [(bracket, Interval(low=-0.5, high=2.0)) if bracket.tasks else (bracket, None) for bracket in agent.brackets]
    brackets = tuple(replace(b, score=replace(b.score, value=1.5, bounds=i)) if i else b for b, i in odd)
    with own_style():
        axes = paged(Bars(PROTOCOL, [make_agent(brackets=brackets)])).figure.axes[0]
    low, high = axes.get_ylim()
    assert low < -0.5
    assert high > 2.0


def test_bars_are_lighter_from_agent_to_agent_and_neighbours_are_hatched_differently() -> None:
    for number in (1, 2, 8, 12):
        faces = Bars(PROTOCOL, [make_agent(str(place)) for place in range(number)]).faces
        lightness = [
            sum(f * c for f, c in zip((0.2126, 0.7152, 0.0722), to_rgb(face["facecolor"]), strict=True))
            for face in faces
        ]
        assert all(one < next_one for one, next_one in itertools.pairwise(lightness))
        assert all(one["hatch"] != next_one["hatch"] for one, next_one in itertools.pairwise(faces))


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_text_is_made_to_fit_in_glyphs_that_there_are(name: str) -> None:
    with own_style():
        text = fitted(name, 1.0, size=9, bold=True)
        assert text_width(text, size=9, bold=True) <= 1.0
    assert "通" not in text
    assert text.isprintable()


def test_the_scale_of_time_has_round_durations_and_holds_horizons_that_are_near() -> None:
    low, high = shared_limits([make_agent(p50=3000)])
    assert low < 1.5
    assert high > 3000
    assert ticks((low, high), 9)[1] == ["1 min", "4 min", "15 min", "1 h", "4 h", "16 h"]
    assert len(ticks((1e-9, 1e9), 6)[0]) <= 6
    assert shared_limits([make_agent(p50=1e9)])[1] < 1e4
    assert shared_limits([no_minutes()]) == (1.0, 960.0)


def test_many_brackets_have_names_that_fit() -> None:
    names: Sequence[str] = [f"a_bracket_with_quite_a_long_name_{number}" for number in range(12)]
    template = make_agent().brackets[0]
    brackets = tuple(replace(template, name=name) for name in names)
    protocol = replace(PROTOCOL, brackets=tuple(Bracket(name=n, upper=2.0**i) for i, n in enumerate(names)))
    assert len(BRACKETS) < len(names)
    with own_style():
        texts = boxes(paged(Bars(protocol, [make_agent(brackets=brackets)])))
    assert_apart(texts)
