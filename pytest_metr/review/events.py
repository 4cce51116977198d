"""The events of a transcript as a reader sees them: a line that says what it is, and what is in it.

Everything in a transcript may have been written by an agent: it is text, and only ever text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pytest_metr.agent.models import WIRES
from pytest_metr.report.reading import DAMAGED
from pytest_metr.texts import printable, visible

#: What every event has, and is told in its first line.
_OF_ALL = ("n", "at", "kind")
#: Keys whose text stands for the event, in the order in which they are shown; all others follow by name.
_FIRST = ("instructions", "text", "command", "code", "answer", "score", "message", "output", "stdout", "stderr")
#: Kinds of event that say what the record of the run says, too.
_OF_NO_NEWS = ("run", "start", "model_request")
#: Characters of one event that are shown, however far it is opened.
MOST_SHOWN = 100_000
#: Lines of an event that are shown before it is opened.
FOLDED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEvent:
    """An event as text.

    :param title: a line: its number, the seconds since the first event, its kind, and what is most telling.
    :param body: all of it, on lines.
    :param cut: how many characters are not in *body*.
    :param most: how many lines are shown before it is opened.
    """

    title: str
    body: tuple[str, ...]
    cut: int = 0
    most: int = FOLDED

    def folded(self) -> list[str]:
        """Return the first lines of the body, and how many more there are."""
        more = len(self.body) - self.most
        return [*self.body[: self.most], f"... {more} more lines"] if more > 1 else list(self.body)


def shown_event(event: Mapping[str, Any], first: Mapping[str, Any] | None = None, *, wire: object = None) -> ShownEvent:
    """Return an event as text.

    :param first: the first event of the transcript, from which times are told.
    :param wire: the name of the API that models were last asked by.
    """
    kind = printable(str(event.get("kind")))
    if kind == DAMAGED:
        return ShownEvent(title=f"line {event.get('line')}: damaged", body=("This line is no event.",))
    number, since = event.get("n", "-"), _seconds(first, event)
    title = f"{printable(str(number))}  {'' if since is None else f'+{since:.1f} s'}  {kind}"
    text = "\n".join((*_said(event, wire), *_parts(event)))
    cut = max(0, len(text) - MOST_SHOWN)
    lines = visible(text[:MOST_SHOWN]).expandtabs(4).split("\n")
    return ShownEvent(title=title, body=tuple(lines), cut=cut, most=0 if kind in _OF_NO_NEWS else FOLDED)


def _parts(event: Mapping[str, Any]) -> Iterator[str]:
    names = [name for name in _FIRST if name in event]
    names += [name for name in event if name not in (*_OF_ALL, *_FIRST)]
    for name in names:
        value = event[name]
        if value in ("", None, [], {}):
            continue
        if isinstance(value, str):
            yield f"{name}: {value}" if "\n" not in value.rstrip("\n") else f"{name}:\n{_indented(value)}"
        else:
            yield f"{name}: {json.dumps(value, ensure_ascii=False, indent=2, default=repr)}"


def _said(event: Mapping[str, Any], wire: object) -> Iterator[str]:
    """Yield what a model said, in words, before what its server sent."""
    if event.get("kind") != "model_response" or not isinstance(event.get("body"), dict):
        return
    try:
        reply = next(each for each in WIRES if each.name == wire).reply(event["body"])
    except (StopIteration, ValueError):
        return  # what it sent follows in any case
    if reply.message.text:
        yield reply.message.text
    for call in reply.message.calls:
        yield f"calls {call.name}: {call.arguments}"
    if reply.stop not in ("end", "tool_calls"):
        yield f"stopped: {reply.stop}"
    yield ""


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.rstrip("\n").split("\n"))


def _seconds(first: Mapping[str, Any] | None, event: Mapping[str, Any]) -> float | None:
    try:
        begin, now = (datetime.fromisoformat(str(each["at"]).replace("Z", "+00:00")) for each in (first or {}, event))
        return (now - begin).total_seconds()
    except (KeyError, TypeError, ValueError):
        return None
