"""A forest plot: what each step of elicitation was worth, in points and as a ratio of time horizons."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from pytest_metr.report.changed import difference_text, factor_text, metric_title, shown_range
from pytest_metr.report.pictures.curve import HORIZONS
from pytest_metr.report.pictures.page import INK, LARGE, NORMAL, PALE, SMALL, Page
from pytest_metr.report.results.numbers import three_digits
from pytest_metr.types import Change, Estimate, Gain, Impact

_EDGE, _NAMES, _PANEL, _FIGURES, _GAP = 0.15, 2.0, 2.1, 1.55, 0.15
_SUBTITLE, _TITLE, _HEADS, _LINE, _BETWEEN, _BELOW = 0.19, 0.45, 0.24, 0.17, 0.16, 0.62
_SCORE: dict[str, Any] = {
    "marker": "o",
    "color": "#1f4e9c",
    "markersize": 6,
    "markeredgecolor": "white",
    "markeredgewidth": 0.7,
}
#: How many doublings beyond all ratios an interval's end is still shown in its place.
_REACH = 4.0
_MOST_TICKS = 7


class _Row(NamedTuple):
    """A line of the plot; a heading where there is no gain."""

    text: str
    gain: Gain | None


class _Mark(NamedTuple):
    """A number of a row with its range, in the units of its axis."""

    value: float | None
    low: float
    high: float


class Forest:
    """Steps from above to below: first each against the one before it, then each against the first."""

    def __init__(self, impact: Impact) -> None:
        self.impact = impact
        changes = impact.gains[0].changes
        self.horizons = [change.metric for change in changes if change.kind == "horizon"]
        self.rows = list(_rows(impact))
        self.row = _LINE * max(len(self.horizons), 1) + _BETWEEN
        self.width = 2 * _EDGE + _NAMES + 2 * (_PANEL + _FIGURES) + 3 * _GAP

    @property
    def height(self) -> float:
        """The inches that everything takes."""
        return _TITLE + _HEADS + sum(map(self._height_of, self.rows)) + _BELOW

    def draw(self, page: Page, top: float) -> None:
        """Draw on the page from *top* downwards."""
        room = 0.96 * (self.width - 2 * _EDGE)  # at few dots an inch letters are set wider than they are
        page.text(self.impact.study, left=_EDGE, top=top, room=room, size=LARGE, weight="bold")
        first = f"1 {self.impact.steps[0].name}"
        told = f"first step: {first}; tasks that all steps have: {self.impact.tasks}, families: {self.impact.families}"
        page.text(told, left=_EDGE, top=top + _SUBTITLE, room=room, color=PALE)
        points_left = _EDGE + _NAMES + _GAP
        ratio_left = points_left + _PANEL + _FIGURES + _GAP
        heads_top, plot_top = top + _TITLE, top + _TITLE + _HEADS
        heads = [(points_left, "overall score: gain in points"), (ratio_left, "time horizon: as a multiple")]
        for left, head in heads:
            page.text(head, left=left, top=heads_top, room=_PANEL + _FIGURES, weight="bold")
        height = self.height - _TITLE - _HEADS - _BELOW
        points = page.axes(left=points_left, top=plot_top, width=_PANEL, height=height)
        ratio = page.axes(left=ratio_left, top=plot_top, width=_PANEL, height=height)
        self._scales(points, ratio, height)
        below = 0.0
        for row in self.rows:
            self._row(page, row, below, plot_top, (points, ratio))
            below += self._height_of(row)
        self._legend(page, top + self.height - 0.2)

    def _height_of(self, row: _Row) -> float:
        return _HEADS if row.gain is None else self.row

    def _row(self, page: Page, row: _Row, below: float, plot_top: float, axes: tuple[Axes, Axes]) -> None:
        if row.gain is None:
            page.text(row.text, left=_EDGE, top=plot_top + below + 0.05, room=_NAMES, color=PALE, style="italic")
            return
        middle = below + self.row / 2
        page.text(row.text, left=_EDGE, top=plot_top + middle, room=_NAMES, va="center")
        score = _change(row.gain, "overall_score")
        _draw_mark(axes[0], middle, _points(score.difference), _SCORE)
        figures = _EDGE + _NAMES + 2 * _GAP + _PANEL
        _figures(page, difference_text(score, unit=False), left=figures, middle=plot_top + middle)
        for number, metric in enumerate(self.horizons):
            place = middle + _LINE * (number - (len(self.horizons) - 1) / 2)
            change = _change(row.gain, metric)
            _draw_mark(axes[1], place, _logs(change.ratio), HORIZONS[number % len(HORIZONS)])
            left = figures + _FIGURES + _PANEL + _GAP
            _figures(page, factor_text(change), left=left, middle=plot_top + place)

    def _scales(self, points: Axes, ratio: Axes, height: float) -> None:
        gains = [row.gain for row in self.rows if row.gain is not None]
        marks = [_points(_change(gain, "overall_score").difference) for gain in gains]
        points.set_xlim(*_limits(marks, least=10.0, reach=200.0))
        points.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        points.xaxis.set_major_formatter(lambda value, _: f"{value:+.0f}" if value else "0")
        low, high = _limits(
            [_logs(_change(gain, metric).ratio) for gain in gains for metric in self.horizons], least=2.0, reach=_REACH
        )
        ratio.set_xlim(low, high)
        every = max(math.ceil((high - low) / _MOST_TICKS), 1)
        exponents = [n for n in range(math.ceil(low), math.floor(high) + 1) if n % every == 0]
        ratio.set_xticks(exponents, [_ratio_text(n) for n in exponents])
        for axes in (points, ratio):
            axes.set_ylim(height, 0.0)
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
            axes.tick_params(axis="x", labelsize=NORMAL)
            axes.axvline(0.0, color=INK, linewidth=0.7, zorder=1)

    def _legend(self, page: Page, top: float) -> None:
        confidence = three_digits(100 * self.impact.protocol.confidence)
        styles = [("overall score", _SCORE)]
        for number, metric in enumerate(self.horizons):
            styles.append((metric_title(metric), HORIZONS[number % len(HORIZONS)]))
        page.figure.legend(
            handles=[
                Line2D([], [], label=f"{label}, {confidence} % interval", linewidth=1.6, **s) for label, s in styles
            ],
            loc="upper left",
            bbox_to_anchor=(_EDGE / page.width, 1 - top / page.height),
            borderaxespad=0,
            borderpad=0,
            ncols=len(styles),
            fontsize=SMALL,
            labelcolor=INK,
            frameon=False,
            handlelength=2.4,
        )


def _rows(impact: Impact) -> Iterator[_Row]:
    numbers = {step.name: number for number, step in enumerate(impact.steps, start=1)}
    yield _Row("each step on the one before", None)
    yield from (_Row(f"{numbers[gain.after]} {gain.after}", gain) for gain in impact.gains)
    later = impact.from_first[1:]  # the second step has been shown against the first
    if later:
        yield _Row("each step on the first", None)
        yield from (_Row(f"{numbers[gain.after]} {gain.after}", gain) for gain in later)


def _ratio_text(exponent: int) -> str:
    """Return a power of 2 as a ratio, for example ``1/16x``."""
    return f"{three_digits(2.0**exponent)}x" if exponent >= 0 else f"1/{three_digits(2.0**-exponent)}x"


def _change(gain: Gain, metric: str) -> Change:
    found = gain.change(metric)
    assert found is not None  # all gains of a study are by one protocol
    return found


def _points(difference: Estimate) -> _Mark:
    return _mark(difference, lambda share: 100 * share)


def _logs(ratio: Estimate) -> _Mark:
    """Return a ratio in doublings: the axis is drawn in these, for a ratio can be 0 or infinite."""
    return _mark(
        ratio, lambda number: math.log2(number) if 0 < number < math.inf else math.inf if number else -math.inf
    )


def _mark(estimate: Estimate, to_axis: Callable[[float], float]) -> _Mark:
    shown = shown_range(estimate)
    low, high = (-math.inf, math.inf) if shown is None else (to_axis(shown.low), to_axis(shown.high))
    return _Mark(None if estimate.value is None else to_axis(estimate.value), low, high)


def _limits(marks: Sequence[_Mark], *, least: float, reach: float) -> tuple[float, float]:
    """Return the ends of an axis: 0 and all numbers are on it, and of ranges what is not too far off.

    :param least: how far it goes to each side at least.
    :param reach: how far beyond the numbers it goes at most.
    """
    values = [0.0, *(mark.value for mark in marks if mark.value is not None and math.isfinite(mark.value))]
    low, high = min(values), max(values)
    ends = [end for mark in marks for end in (mark.low, mark.high) if low - reach <= end <= high + reach]
    low, high = min([low, -least / 2, *ends]), max([high, least / 2, *ends])
    margin = 0.06 * (high - low)
    return low - margin, high + margin


def _draw_mark(axes: Axes, height: float, mark: _Mark, style: dict[str, Any]) -> None:
    """Draw a range as a bar, with an arrow where it goes on beyond the axis, and the number as a mark on it."""
    if mark.value is None:
        return
    low, high = axes.get_xlim()
    start, end = (min(max(side, low), high) for side in (mark.low, mark.high))
    axes.plot([start, end], [height, height], color=style["color"], linewidth=1.6, zorder=3, solid_capstyle="butt")
    arrows = [("<", low)] if mark.low < low else []
    arrows += [(">", high)] if mark.high > high else []
    for marker, place in arrows:
        axes.plot([place], [height], marker=marker, color=style["color"], markersize=5, clip_on=False, zorder=4)
    if low <= mark.value <= high:
        axes.plot([mark.value], [height], linestyle="none", zorder=5, **style)


def _figures(page: Page, text: str, *, left: float, middle: float) -> None:
    page.text(text, left=left, top=middle, room=_FIGURES - _GAP, size=SMALL, va="center")
