"""Pages put together of panels and bars."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from pytest_metr.report.pictures.bars import Bars
from pytest_metr.report.pictures.forest import Forest
from pytest_metr.report.pictures.page import PALE, SMALL, Page, own_style
from pytest_metr.report.pictures.panels import Panels
from pytest_metr.report.results.remarks import protocol_line
from pytest_metr.texts import printable
from pytest_metr.types import AgentResult, EvaluationProtocol, Impact

_EDGE = 0.12
_LINE = 0.13
#: How many small letters go into an inch, none too wide.
_LETTERS_PER_INCH = 18


def horizons(protocol: EvaluationProtocol, agents: Sequence[AgentResult], kind: str) -> bytes:
    """Return a picture of the time horizons as an encoded file."""
    with own_style():
        return _encoded([Panels(protocol, agents)], protocol, kind)


def brackets(protocol: EvaluationProtocol, agents: Sequence[AgentResult], kind: str) -> bytes:
    """Return a picture of the brackets' scores as an encoded file."""
    with own_style():
        return _encoded([Bars(protocol, agents)], protocol, kind)


def overview(protocol: EvaluationProtocol, agents: Sequence[AgentResult], kind: str) -> bytes:
    """Return a picture of both, one below the other, as an encoded file."""
    with own_style():
        panels = Panels(protocol, agents)
        return _encoded([panels, Bars(protocol, agents, width=panels.width)], protocol, kind)


def impact(found: Impact, kind: str) -> bytes:
    """Return a picture of what each step of elicitation was worth as an encoded file."""
    with own_style():
        return _encoded([Forest(found)], found.protocol, kind)


def _encoded(blocks: Sequence[Panels | Bars | Forest], protocol: EvaluationProtocol, kind: str) -> bytes:
    width = max(block.width for block in blocks)
    caption = textwrap.wrap(printable(protocol_line(protocol)), int(width * _LETTERS_PER_INCH))
    page = Page(width, sum(block.height + 2 * _EDGE for block in blocks) + _LINE * len(caption))
    top = _EDGE
    for block in blocks:
        block.draw(page, top)
        top += block.height + 2 * _EDGE
    for line in caption:
        page.text(line, left=_EDGE, top=top - _EDGE, room=width - 2 * _EDGE, size=SMALL, color=PALE)
        top += _LINE
    return page.encoded(kind)
