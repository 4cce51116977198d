"""A conversation with a model, in words of our own: what both makers' APIs can carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pytest_metr.types import TokenCounts

#: Why a model stopped: it had said what it had to say, it calls tools, its room for output was used up, it or its
#: maker declined to answer, or something else.
StopReason = Literal["end", "tool_calls", "length", "refusal", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool as the model is told of it.

    :param parameters: the JSON Schema of its arguments, an object.
    """

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call of a tool, as the model wrote it.

    :param arguments: the text of the arguments, which should be a JSON object and need not be.
    """

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation.

    :param text: what is said; of a tool's turn, what the tool gave.
    :param calls: of an assistant's turn: the tools that it calls, in its order.
    :param call_id: of a tool's turn: which call it answers.
    :param opaque: of an assistant's turn: parts that only its maker can read and that must go back unchanged, such as
        signed reasoning; plain JSON, by the name of the wire.
    """

    role: Literal["system", "user", "assistant", "tool"]
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    call_id: str | None = None
    opaque: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a model is asked.

    :param messages: system turns first, then the conversation, oldest first.
    :param tools: none where it is to answer in plain text.
    :param max_tokens: that may come out; None for what the server does by itself.
    :param sampling: settings that both wires know by the same name: ``temperature``, ``top_p``, ``stop`` (a list),
        ``seed``.
    :param extra: fields of the request of one wire, which go into it as they are and win.
    """

    model: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    max_tokens: int | None = None
    sampling: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a model answered.

    :param tokens: as the server counts them; None where it tells none.
    """

    message: Message
    stop: StopReason
    tokens: TokenCounts | None
