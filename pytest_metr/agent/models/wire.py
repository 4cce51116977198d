"""An API by which models are asked: its bodies and ours, in both directions. Pure functions over plain JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from pytest_metr.agent.models.chat import Reply, Request
from pytest_metr.types import TokenCounts

Body = dict[str, Any]


class Wire(Protocol):
    """One API. What a server leaves out or adds is borne; what an agent sends is checked."""

    @property
    def name(self) -> str:
        """``openai`` or ``anthropic``."""
        ...

    @property
    def path(self) -> str:
        """Where it is, below ``/v1``."""
        ...

    def body(self, request: Request) -> Body:
        """Return the body of a request."""
        ...

    def reply(self, response: Mapping[str, Any]) -> Reply:
        """Return what a complete response says. :raises ValueError: where it is none."""
        ...

    def request(self, body: Mapping[str, Any]) -> Request:
        """Return what the body of somebody's request asks. :raises ValueError: where it cannot be read."""
        ...

    def response(self, reply: Reply, *, model: str, id: str) -> Body:
        """Return the complete response that says so."""
        ...

    def events(self, response: Mapping[str, Any], *, include_usage: bool = False) -> Iterator[bytes]:
        """Yield a complete response as server-sent events, as the maker's client expects them.

        :param include_usage: whether the counts of tokens are to be in them, where that is asked for by the request.
        """
        ...

    def collect(self, events: Iterable[Mapping[str, Any]]) -> Body:
        """Return the complete response that a stream of events makes.

        :raises CutShort: where it ends before the answer does.
        """
        ...

    def tokens(self, response: Mapping[str, Any]) -> TokenCounts | None:
        """Return the counts of tokens of a response; None where it has none."""
        ...

    def error(self, kind: str, message: str) -> Body:
        """Return an error as the maker's client expects it."""
        ...


def count(counts: Mapping[str, Any], key: str) -> int:
    """Return a count of tokens; 0 where the server does not tell it."""
    value = counts.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def section(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return a mapping inside another, an empty one where there is none."""
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}


def text_of(content: object) -> str:
    """Return the text of a message's content: text, a list of parts, or nothing.

    :raises ValueError: where there is something that is no text, such as a picture.
    """
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise ValueError("content: expected text or a list of parts")
    texts = []
    for part in content:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, Mapping) and isinstance(part.get("text"), str):
            texts.append(part["text"])
        else:
            kind = part.get("type") if isinstance(part, Mapping) else type(part).__name__
            raise ValueError(f"content: expected parts of text, found {kind}")
    return "".join(texts)
