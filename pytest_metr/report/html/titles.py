"""What a page is called, and what it says where no program may run."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_metr.report.html.content import Content, Side
from pytest_metr.texts import printable

_LONGEST = 120


def title_of(content: Content) -> str:
    """Return the title: the agents of the page, on one line."""
    agents = dict.fromkeys(agent.agent for side in content.sides for agent in side.scores.agents)
    return f"{_short(' / '.join(agents))}: task runs"


def summary_of(content: Content) -> str:
    """Return the verdict of each session, for readers who let no program run."""
    verdicts = " ".join(f"{_short(side.session.folder.name)}: {_verdict(side)}" for side in content.sides)
    return f"{verdicts} This page needs JavaScript to show the rest; it asks no network for anything."


def _verdict(side: Side) -> str:
    gate = side.session.document.get("gate")
    if not isinstance(gate, Mapping):
        return "no gate was applied."
    return f"{printable(str(gate.get('verdict')))}. {printable(str(gate.get('sentence')))}"


def _short(text: str) -> str:
    line = printable(text)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
