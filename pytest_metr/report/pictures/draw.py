"""The pictures that can be asked for. matplotlib is imported when one is, not before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from pytest_metr.errors import UsageMistake
from pytest_metr.report.files import write_bytes
from pytest_metr.texts import printable
from pytest_metr.types import AgentResult, Impact, ScoreResult

_FORMATS = {".svg": "svg", ".png": "png"}


def draw_horizon(result: ScoreResult, file: Path, *, agents: Sequence[str] | None = None) -> None:
    """Draw success against human time: for each agent a panel with its tasks, brackets, curve and time horizons.

    The curve is P(success) = sigmoid(a + b * log2(human minutes)), as in METR's time-horizon analysis of 2025. It is
    dashed where the agent has no tasks, because there it is an extrapolation.

    :param file: ends in ``.svg`` or ``.png``; the same result gives the same file, byte by byte.
    :param agents: names of the agents that are drawn, in this order; all of them by default.
    :raises UsageMistake: without matplotlib, for a file that cannot be written, for an agent that is not there.
    """
    kind, compose = _kind(file), _compose(file)
    _write(file, compose.horizons(result.protocol, _chosen(result, agents), kind))


def draw_brackets(result: ScoreResult, file: Path) -> None:
    """Draw the score of each agent in each bracket as bars with their bounds.

    :param file: as for :func:`draw_horizon`.
    :raises UsageMistake: without matplotlib, for a file that cannot be written, for a result without agents.
    """
    kind, compose = _kind(file), _compose(file)
    _write(file, compose.brackets(result.protocol, _chosen(result, None), kind))


def draw_overview(result: ScoreResult, file: Path) -> None:
    """Draw what :func:`draw_horizon` and :func:`draw_brackets` do on one page.

    :param file: as for :func:`draw_horizon`.
    :raises UsageMistake: without matplotlib, for a file that cannot be written, for a result without agents.
    """
    kind, compose = _kind(file), _compose(file)
    _write(file, compose.overview(result.protocol, _chosen(result, None), kind))


def draw_impact(impact: Impact, file: Path) -> None:
    """Draw what each step of elicitation was worth: differences in points on the left, ratios of horizons on the right.

    :param file: as for :func:`draw_horizon`.
    :raises UsageMistake: without matplotlib, for a file that cannot be written, for an impact without compared tasks.
    """
    kind, compose = _kind(file), _compose(file)
    if not impact.gains:
        raise UsageMistake("there is nothing to draw: no task has runs that count in every step", file=file)
    _write(file, compose.impact(impact, kind))


def _kind(file: Path) -> str:
    kind = _FORMATS.get(file.suffix.lower())
    if kind is None:
        raise UsageMistake(f"expected a name that ends in {' or '.join(_FORMATS)}", file=file)
    return kind


def _compose(file: Path) -> ModuleType:
    try:
        from pytest_metr.report.pictures import compose
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        raise UsageMistake("pictures need the extra `report`: pip install 'pytest-metr[report]'", file=file) from error
    return compose


def _chosen(result: ScoreResult, names: Sequence[str] | None) -> list[AgentResult]:
    known = {agent.agent: agent for agent in result.agents}
    for name in names or ():
        if name not in known:
            there = ", ".join(map(printable, known)) or "none"
            raise UsageMistake(f"expected agents of the result ({there}), found {printable(name)}", key="agents")
    chosen = list(result.agents) if names is None else [known[name] for name in names]
    if not chosen:
        raise UsageMistake("expected at least one agent to draw, found none", key="agents")
    return chosen


def _write(file: Path, content: bytes) -> None:
    try:
        write_bytes(file, content)
    except OSError as error:
        raise UsageMistake(f"the picture cannot be written: {error.strerror or error}", file=file) from error
