"""A panel for each agent: success against human time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from pytest_metr.report.pictures.curve import BRACKET, CURVE, HORIZONS, TASK, draw_agent
from pytest_metr.report.pictures.page import INK, LARGE, NORMAL, SMALL, Page, text_width
from pytest_metr.report.pictures.timescale import shared_limits, ticks
from pytest_metr.report.results.numbers import format_horizon, three_digits
from pytest_metr.types import AgentResult, Estimate, EvaluationProtocol

_LEFT, _RIGHT, _GAP = 0.62, 0.25, 0.3
_NAME_HEIGHT, _LINE = 0.19, 0.145
_BELOW, _LEGEND_LINE = 0.4, 0.17
_LEGEND_LINES = 2
_INCHES_PER_TICK = 0.42
_RATES = (0.0, 0.2, 0.5, 0.8, 1.0)
_PROBLEMS = {
    "no_runs": "no runs",
    "no_human_minutes": "no human minutes",
    "all_failures": "every run failed",
    "all_successes": "every run succeeded",
    "not_falling": "success does not fall with time",
}


class Panels:
    """Small multiples with the same axes: one large panel for one agent, else up to three in a row."""

    def __init__(self, protocol: EvaluationProtocol, agents: Sequence[AgentResult]) -> None:
        self.protocol = protocol
        self.agents = agents
        self.columns = {1: 1, 2: 2, 4: 2}.get(len(agents), 3)
        self.rows = -(-len(agents) // self.columns)
        self.panel = (6.0, 3.6) if len(agents) == 1 else (3.0, 1.85)
        self.percents = sorted({int(percent) for agent in agents for percent in agent.horizon.at})
        self.width = _LEFT + self.columns * self.panel[0] + (self.columns - 1) * _GAP + _RIGHT

    @property
    def height(self) -> float:
        """The inches that all panels and their legend take."""
        return self.rows * self._row_height + _BELOW + _LEGEND_LINE * _LEGEND_LINES

    def draw(self, page: Page, top: float) -> None:
        """Draw on the page from *top* downwards."""
        limits = shared_limits(self.agents)
        below = len(self.agents) - self.columns
        for place, agent in enumerate(self.agents):
            row, column = divmod(place, self.columns)
            left = _LEFT + column * (self.panel[0] + _GAP)
            frame_top = top + row * self._row_height
            self._title(page, agent, left, frame_top)
            axes = page.axes(left=left, top=frame_top + self._title_height, width=self.panel[0], height=self.panel[1])
            self._scales(axes, limits, first=column == 0, lowest=place >= below)
            draw_agent(axes, agent, fractional=self.protocol.fractional)
        self._legend(page, top + self.rows * self._row_height + _BELOW)

    @property
    def _title_height(self) -> float:
        return _NAME_HEIGHT + _LINE * len(self.percents) + 0.05

    @property
    def _row_height(self) -> float:
        return self._title_height + self.panel[1] + 0.2

    def _title(self, page: Page, agent: AgentResult, left: float, top: float) -> None:
        room = self.panel[0]
        note = "" if agent.horizon.problem is None else _PROBLEMS.get(agent.horizon.problem, "no time horizon")
        taken = text_width(note, size=NORMAL) + _GAP if note else 0.0
        page.text(agent.agent, left=left, top=top, room=room - taken, size=LARGE, weight="bold")
        page.text(note, left=left + room, top=top + 0.02, room=room, ha="right", style="italic")
        for number, percent in enumerate(self.percents):
            estimate = agent.horizon.at.get(str(percent), Estimate(value=None, problem="no_runs"))
            text = f"{percent} % horizon {' '.join(format_horizon(estimate)).strip()}"
            page.text(text, left=left, top=top + _NAME_HEIGHT + number * _LINE, room=room)

    def _scales(self, axes: Axes, limits: tuple[float, float], *, first: bool, lowest: bool) -> None:
        axes.set_xscale("log")
        axes.set_xlim(*limits)
        axes.set_ylim(-0.06, 1.06)
        places, names = ticks(limits, int(self.panel[0] / _INCHES_PER_TICK))
        axes.set_xticks(places, names if lowest else [""] * len(places), fontsize=NORMAL)
        axes.set_xticks([], minor=True)
        rates = _rates(self.percents)
        axes.set_yticks(rates, [f"{three_digits(100 * rate)} %" if first else "" for rate in rates], fontsize=NORMAL)
        for percent in self.percents:
            axes.axhline(percent / 100, color="#bdbdbd", linewidth=0.6, linestyle=(0, (1, 2)), zorder=0)
        if first:
            axes.set_ylabel("score" if self.protocol.fractional else "success rate", fontsize=NORMAL)
        if lowest:
            axes.set_xlabel("time that the task takes a person", fontsize=NORMAL)

    def _handles(self) -> list[Line2D]:
        confidence = three_digits(100 * self.protocol.confidence)
        rate = "score" if self.protocol.fractional else "success rate"
        horizons = [
            Line2D([], [], label=f"{percent} % horizon, {confidence} % interval", linewidth=1.6, **style)
            for percent, style in zip(self.percents, cycle(HORIZONS), strict=False)
        ]
        return [
            Line2D([], [], label="task (area: weight)", **TASK),
            Line2D([], [], label=f"bracket: {rate}, {confidence} % interval", **BRACKET),
            Line2D([], [], label="fitted curve", **CURVE),
            Line2D([], [], label="beyond the tasks", **{**CURVE, "linestyle": "--"}),
            *horizons,
        ]

    def _legend(self, page: Page, top: float) -> None:
        handles = self._handles()
        page.figure.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(_LEFT / page.width, 1 - top / page.height),
            borderaxespad=0,
            borderpad=0,
            ncols=-(-len(handles) // _LEGEND_LINES),
            fontsize=SMALL,
            labelcolor=INK,
            frameon=False,
            handlelength=2.4,
        )


def _rates(percents: Sequence[int]) -> list[float]:
    """Return the rates with a tick: the percents of the horizons, and others that are not too close to them."""
    asked = [percent / 100 for percent in percents]
    return sorted([*asked, *(rate for rate in _RATES if all(abs(rate - other) > 0.09 for other in asked))])
