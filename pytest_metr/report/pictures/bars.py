"""Bars: the score of each agent in each bracket."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import matplotlib
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Patch

from pytest_metr.report.pictures.page import INK, LARGE, NORMAL, PALE, SMALL, Page, fitted, text_width
from pytest_metr.report.results.numbers import format_duration
from pytest_metr.types import AgentResult, BracketResult, Estimate, EvaluationProtocol, Interval

_NARROWEST = 7.0
_LEFT, _RIGHT = 0.62, 0.25
_HEADING, _HEIGHT, _BELOW = 0.3, 2.2, 0.58
_LEGEND_LINE, _LONGEST_NAME, _SWATCH = 0.19, 2.4, 0.55
_GROUP = 0.84
#: Lines only: a file would hold every single dot.
_HATCHES = ("", "////", "||||", "\\\\\\\\", "----", "xxxx")


class Bars:
    """One group of bars for each bracket that any agent has tasks of, one bar for each agent."""

    def __init__(
        self, protocol: EvaluationProtocol, agents: Sequence[AgentResult], *, width: float = _NARROWEST
    ) -> None:
        self.width = max(width, _NARROWEST)
        self.protocol = protocol
        self.agents = agents
        self.found = [{bracket.name: bracket for bracket in agent.brackets if bracket.tasks} for agent in agents]
        known = dict.fromkeys(bracket.name for agent in agents for bracket in agent.brackets)
        self.names = [name for name in known if any(name in brackets for brackets in self.found)]
        self.faces = _faces(len(agents))
        self.labels = [fitted(agent.agent, _LONGEST_NAME, size=SMALL) for agent in agents]

    @property
    def height(self) -> float:
        """The inches that the bars and their legend take."""
        lines = -(-len(self.agents) // self._legend_columns)
        return _HEADING + _HEIGHT + _BELOW + _LEGEND_LINE * lines

    def draw(self, page: Page, top: float) -> None:
        """Draw on the page from *top* downwards."""
        room = self.width - _LEFT - _RIGHT
        confidence = f"{100 * self.protocol.confidence:g} %"
        page.text("Score by bracket", left=_LEFT, top=top, room=room, size=LARGE, weight="bold")
        note = f"bars: weighted mean score; lines: {confidence} bounds"
        if any(name not in brackets for brackets in self.found for name in self.names):
            note += "; x: no run of any such task"
        page.text(note, left=_LEFT + 1.45, top=top + 0.02, room=room - 1.45, color=PALE)
        axes = page.axes(left=_LEFT, top=top + _HEADING, width=room, height=_HEIGHT)
        self._scales(axes, room)
        for place, name in enumerate(self.names):
            for number, brackets in enumerate(self.found):
                self._bar(axes, place, number, brackets.get(name))
        if not self.names:
            axes.text(0.5, 0.5, "no bracket has a task", transform=axes.transAxes, ha="center", style="italic")
        self._legend(page, top + _HEADING + _HEIGHT + _BELOW)

    def _scales(self, axes: Axes, room: float) -> None:
        ends = [0.0, 1.0]
        for brackets in self.found:
            for bracket in brackets.values():
                ends += _ends(bracket.score)
        low, high = min(ends), max(ends)
        margin = 0.03 * (high - low)
        axes.set_xlim(-0.5, max(len(self.names), 1) - 0.5)
        axes.set_ylim(low - margin if low < 0 else 0.0, high + margin)
        axes.grid(axis="y", color="#dddddd", linewidth=0.5)
        axes.set_axisbelow(True)
        axes.spines["bottom"].set_zorder(6)
        axes.set_ylabel("score", fontsize=NORMAL)
        axes.tick_params(axis="y", labelsize=NORMAL)
        axes.tick_params(axis="x", length=0)
        if low < 0:
            axes.axhline(0, color=INK, linewidth=0.6)
        each = room / max(len(self.names), 1) - 0.06
        axes.set_xticks(range(len(self.names)), [self._name(name, each) for name in self.names], fontsize=NORMAL)

    def _name(self, name: str, room: float) -> str:
        lines = [name.replace("_", " "), self._range(name), _tasks([brackets.get(name) for brackets in self.found])]
        return "\n".join(fitted(line, room, size=NORMAL) for line in lines if line)

    def _range(self, name: str) -> str:
        before = self.protocol.lowest
        for bracket in self.protocol.brackets:
            if bracket.name == name:
                if not math.isfinite(bracket.upper):
                    return f"above {format_duration(before)}"
                end = format_duration(bracket.upper)
                return f"up to {end}" if before <= 0 else f"{format_duration(before)} to {end}"
            before = bracket.upper
        return ""

    def _bar(self, axes: Axes, place: int, number: int, bracket: BracketResult | None) -> None:
        wide = _GROUP / len(self.agents)
        middle = place - _GROUP / 2 + (number + 0.5) * wide
        value = None if bracket is None else bracket.score.value
        if bracket is None or value is None or not math.isfinite(value):
            axes.plot([middle], [0], marker="x", color=PALE, markersize=3.5, clip_on=False, zorder=4)
            return
        # Twice, because a bar's outline would have the colour of its hatches.
        axes.bar([middle], [value], wide * 0.92, linewidth=0, zorder=2, **self.faces[number])
        axes.bar([middle], [value], wide * 0.92, linewidth=0.6, facecolor="none", edgecolor=INK, zorder=3)
        bounds = bracket.score.bounds or bracket.score.interval
        if bounds is not None and math.isfinite(bounds.low) and math.isfinite(bounds.high):
            _whisker(axes, middle, bounds, min(wide * 0.2, 0.05))

    @property
    def _legend_columns(self) -> int:
        wide = max(text_width(label, size=SMALL) for label in self.labels) + _SWATCH
        most = max(int((self.width - _LEFT) / wide), 1)
        lines = -(-len(self.agents) // most)
        return -(-len(self.agents) // lines)

    def _legend(self, page: Page, top: float) -> None:
        handles = [Patch(linewidth=0.0, **face) for face in self.faces]
        legend = page.figure.legend(
            handles=handles,
            labels=list(map(str, range(len(handles)))),
            loc="upper left",
            bbox_to_anchor=(_LEFT / page.width, 1 - top / page.height),
            borderaxespad=0,
            borderpad=0,
            ncols=self._legend_columns,
            fontsize=SMALL,
            labelcolor=INK,
            frameon=False,
        )
        # Afterwards, because a label that begins with "_" would keep its entry out.
        for text, label in zip(legend.get_texts(), self.labels, strict=True):
            text.set_text(label)


def _faces(number: int) -> list[dict[str, Any]]:
    """Return the fillings of that many bars: each lighter than the one before it, and hatched in another way."""
    colors = matplotlib.colormaps["cividis"]
    faces = []
    for place in range(number):
        red, green, blue, _ = colors(0.08 + 0.87 * place / max(number - 1, 1) if number > 1 else 0.3)
        dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.45
        faces.append(
            {
                "facecolor": to_hex((red, green, blue)),
                "edgecolor": "#ffffff" if dark else "#333333",
                "hatch": _HATCHES[place % len(_HATCHES)],
            }
        )
    return faces


def _whisker(axes: Axes, middle: float, bounds: Interval, cap: float) -> None:
    # As one line, so that its light edge, which parts it from dark bars, does not cut through itself.
    across = [middle - cap, middle + cap, middle, middle, middle - cap, middle + cap]
    upwards = [bounds.low, bounds.low, bounds.low, bounds.high, bounds.high, bounds.high]
    around = [patheffects.withStroke(linewidth=2.4, foreground="white")]
    axes.plot(across, upwards, color=INK, linewidth=0.9, solid_joinstyle="miter", path_effects=around, zorder=5)


def _ends(score: Estimate) -> list[float]:
    ends = [score.value, *((score.bounds.low, score.bounds.high) if score.bounds is not None else ())]
    return [end for end in ends if end is not None and math.isfinite(end)]


def _tasks(brackets: Sequence[BracketResult | None]) -> str:
    """Return how many tasks each agent has that has any."""
    counts = [bracket.tasks for bracket in brackets if bracket is not None]
    low, high = min(counts), max(counts)
    return f"{low} to {high} tasks" if low < high else "1 task" if high == 1 else f"{high} tasks"
