"""Anthropic's messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_metr.agent.models.chat import Message, Reply, Request, StopReason, ToolCall, ToolSpec
from pytest_metr.agent.models.errors import CutShort
from pytest_metr.agent.models.wire import Body, count, section, text_of
from pytest_metr.types import TokenCounts

#: The API asks for a number in every request.
DEFAULT_MAX_TOKENS = 4096
_STOPS: Mapping[str, StopReason] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}
_REASONS: Mapping[StopReason, str] = {
    "end": "end_turn",
    "tool_calls": "tool_use",
    "length": "max_tokens",
    "refusal": "refusal",
    "other": "end_turn",
}
_KNOWN = {"model", "messages", "system", "tools", "tool_choice", "max_tokens", "temperature", "top_p", "stop_sequences"}
#: What stands for a text in which there is nothing to be seen: the API refuses such blocks.
_EMPTY = "(empty)"


class AnthropicWire:
    """See :class:`~pytest_metr.agent.models.wire.Wire`."""

    name = "anthropic"
    path = "/messages"

    def body(self, request: Request) -> Body:
        """Return the body of a request; a seed has no place in it."""
        system = "\n\n".join(message.text for message in request.messages if message.role == "system")
        body: Body = {
            "model": request.model,
            "max_tokens": request.max_tokens or DEFAULT_MAX_TOKENS,
            "messages": _turns(message for message in request.messages if message.role != "system"),
        }
        if system:
            body["system"] = system
        if request.tools:
            body["tools"] = [
                {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
                for tool in request.tools
            ]
        names = {"temperature": "temperature", "top_p": "top_p", "stop": "stop_sequences"}
        body |= {names[key]: value for key, value in request.sampling.items() if key in names}
        return {**body, **request.extra}

    def reply(self, response: Mapping[str, Any]) -> Reply:
        """Return what a complete response says. :raises ValueError: where it has no content."""
        content = response.get("content")
        if not isinstance(content, list):
            raise ValueError("expected content")
        stop = _STOPS.get(str(response.get("stop_reason")), "other")
        return Reply(message=_assistant(content), stop=stop, tokens=self.tokens(response))

    def request(self, body: Mapping[str, Any]) -> Request:
        """Return what the body of somebody's request asks. :raises ValueError: where it cannot be read."""
        messages = body.get("messages")
        if not isinstance(messages, list):
            raise ValueError("messages: expected a list")
        system = _paragraphs(body.get("system"))
        read = [message for turn in messages for message in _read_turn(turn)]
        names = {"temperature": "temperature", "top_p": "top_p", "stop_sequences": "stop"}
        most = body.get("max_tokens")
        return Request(
            model=str(body.get("model", "")),
            messages=(*([Message(role="system", text=system)] if system else []), *read),
            tools=tuple(_read_tool(tool) for tool in body.get("tools") or ()),
            max_tokens=most if isinstance(most, int) else None,
            sampling={ours: body[theirs] for theirs, ours in names.items() if body.get(theirs) is not None},
            extra={key: value for key, value in body.items() if key not in _KNOWN},
        )

    def response(self, reply: Reply, *, model: str, id: str) -> Body:
        """Return the complete response that says so."""
        tokens = reply.tokens or TokenCounts()
        return {
            "id": id,
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": _blocks(reply.message),
            "stop_reason": _REASONS[reply.stop],
            "stop_sequence": None,
            "usage": {
                "input_tokens": tokens.input - tokens.cached - tokens.cache_written,
                "cache_read_input_tokens": tokens.cached,
                "cache_creation_input_tokens": tokens.cache_written,
                "output_tokens": tokens.output,
                "output_tokens_details": {"thinking_tokens": tokens.reasoning},
            },
        }

    def events(self, response: Mapping[str, Any], *, include_usage: bool = False) -> Iterator[bytes]:  # noqa: ARG002
        """Yield a complete response as server-sent events, which have the counts of tokens always."""
        usage = dict(section(response, "usage"))
        begun = {**response, "content": [], "stop_reason": None, "stop_sequence": None}
        begun["usage"] = {**usage, "output_tokens": 0}
        yield _event("message_start", {"message": begun})
        for index, block in enumerate(response.get("content") or ()):
            start, deltas = _parts(block)
            yield _event("content_block_start", {"index": index, "content_block": start})
            for delta in deltas:
                yield _event("content_block_delta", {"index": index, "delta": delta})
            yield _event("content_block_stop", {"index": index})
        end = {"stop_reason": response.get("stop_reason"), "stop_sequence": response.get("stop_sequence")}
        yield _event("message_delta", {"delta": end, "usage": usage})
        yield _event("message_stop", {})

    def collect(self, events: Iterable[Mapping[str, Any]]) -> Body:
        """Return the complete response that a stream of events makes."""
        response: Body | None = None
        blocks: dict[int, Body] = {}
        inputs: dict[int, str] = {}
        ended = False
        for event in events:
            kind = event.get("type")
            if kind == "message_start":
                response = dict(section(event, "message"))
            elif kind == "content_block_start":
                blocks[event["index"]] = dict(event["content_block"])
            elif kind == "content_block_delta":
                _grow(blocks.get(event["index"], {}), event["index"], section(event, "delta"), inputs)
            elif kind == "message_delta" and response is not None:
                response.update(section(event, "delta"))
                response["usage"] = {**section(response, "usage"), **section(event, "usage")}
            elif kind == "message_stop":
                ended = True
        if response is None or not ended:
            raise CutShort("the stream ended in the middle of the answer")
        for index, text in inputs.items():
            blocks[index]["input"] = _object(text)
        return {**response, "content": [blocks[index] for index in sorted(blocks)]}

    def tokens(self, response: Mapping[str, Any]) -> TokenCounts | None:
        """Return the counts of tokens of a response; None where it has none."""
        usage = response.get("usage")
        if not isinstance(usage, Mapping) or not isinstance(usage.get("input_tokens"), int):
            return None
        cached, written = count(usage, "cache_read_input_tokens"), count(usage, "cache_creation_input_tokens")
        return TokenCounts(
            input=count(usage, "input_tokens") + cached + written,
            cached=cached,
            cache_written=written,
            output=count(usage, "output_tokens"),
            reasoning=count(section(usage, "output_tokens_details"), "thinking_tokens"),
        )

    def error(self, kind: str, message: str) -> Body:
        """Return an error as the maker's client expects it."""
        return {"type": "error", "error": {"type": kind, "message": message}}


def _turns(messages: Iterable[Message]) -> list[Body]:
    """Return the turns: results of tools are the user's, and what one side says in a row is one turn."""
    turns: list[Body] = []
    for message in messages:
        if message.role == "assistant":
            role, blocks = "assistant", _blocks(message)
        elif message.role == "tool":
            role, blocks = "user", [{"type": "tool_result", "tool_use_id": message.call_id, "content": message.text}]
        else:
            role, blocks = "user", [{"type": "text", "text": message.text if message.text.strip() else _EMPTY}]
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        else:
            turns.append({"role": role, "content": blocks})
    return turns


def _blocks(message: Message) -> list[Body]:
    if opaque := message.opaque.get("anthropic"):
        return [dict(block) for block in opaque]
    seen = bool(message.text.strip())
    blocks: list[Body] = []
    if seen or not message.calls:
        blocks.append({"type": "text", "text": message.text if seen else _EMPTY})
    blocks += [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": _object(call.arguments)}
        for call in message.calls
    ]
    return blocks


def _object(text: str) -> Body:
    """Return the object that a text of arguments is; what is none goes under a key of its own."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        value = text
    return value if isinstance(value, dict) else {"arguments": value}


def _assistant(content: Iterable[object]) -> Message:
    """Return what the model said. Where there is more than words and calls in it, all has to go back as it came."""
    blocks = [dict(block) for block in content if isinstance(block, Mapping)]
    kinds = [block.get("type") for block in blocks]
    texts = [str(block.get("text") or "") for block in blocks if block.get("type") == "text"]
    calls = tuple(
        ToolCall(id=str(block.get("id")), name=str(block.get("name")), arguments=_arguments(block.get("input")))
        for block in blocks
        if block.get("type") == "tool_use"
    )
    plain = kinds in ([*["text"] * min(1, len(texts)), *["tool_use"] * len(calls)], [])
    return Message(role="assistant", text="".join(texts), calls=calls, opaque={} if plain else {"anthropic": blocks})


def _arguments(value: object) -> str:
    return value if isinstance(value, str) else json.dumps({} if value is None else value)


def _read_turn(turn: object) -> Iterator[Message]:
    if not isinstance(turn, Mapping):
        raise ValueError("messages: expected objects")
    role, content = turn.get("role"), turn.get("content")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    if not isinstance(blocks, list):
        raise ValueError("content: expected text or a list of blocks")
    if role == "assistant":
        yield _assistant(blocks)
        return
    if role != "user":
        raise ValueError(f"messages: unknown role {role!r}")
    texts = []
    for block in blocks:
        if isinstance(block, Mapping) and block.get("type") == "tool_result":
            yield Message(role="tool", text=text_of(block.get("content")), call_id=str(block.get("tool_use_id")))
        else:
            texts.append(block)
    if texts:
        yield Message(role="user", text=_paragraphs(texts))


def _paragraphs(content: object) -> str:
    """Return the text of blocks, each of which is a text of its own."""
    return "\n\n".join(map(text_of, ([block] for block in content))) if isinstance(content, list) else text_of(content)


def _read_tool(tool: object) -> ToolSpec:
    if not isinstance(tool, Mapping) or not isinstance(tool.get("name"), str):
        raise ValueError("tools: expected objects with a name")
    return ToolSpec(
        name=tool["name"],
        description=str(tool.get("description") or ""),
        parameters=dict(section(tool, "input_schema")) or {"type": "object", "properties": {}},
    )


def _parts(block: Mapping[str, Any]) -> tuple[Body, list[Body]]:
    """Return how a block begins in a stream, and what is added to it then."""
    kind = block.get("type")
    if kind == "text":
        return {**block, "text": ""}, [{"type": "text_delta", "text": block.get("text", "")}]
    if kind == "tool_use":
        return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": json.dumps(block.get("input"))}]
    if kind == "thinking":
        deltas = [
            {"type": "thinking_delta", "thinking": block.get("thinking", "")},
            {"type": "signature_delta", "signature": block.get("signature", "")},
        ]
        return {**block, "thinking": "", "signature": ""}, deltas
    return dict(block), []


def _grow(block: Body, index: int, delta: Mapping[str, Any], inputs: dict[int, str]) -> None:
    kind = delta.get("type")
    if kind == "text_delta":
        block["text"] = block.get("text", "") + delta.get("text", "")
    elif kind == "input_json_delta":
        inputs[index] = inputs.get(index, "") + delta.get("partial_json", "")
    elif kind == "thinking_delta":
        block["thinking"] = block.get("thinking", "") + delta.get("thinking", "")
    elif kind == "signature_delta":
        block["signature"] = block.get("signature", "") + delta.get("signature", "")


def _event(kind: str, data: Mapping[str, Any]) -> bytes:
    return f"event: {kind}\n".encode() + b"data: " + json.dumps({"type": kind, **data}).encode("ascii") + b"\n\n"
