"""OpenAI's chat completions, as its maker and many other servers speak them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_metr.agent.models.chat import Message, Reply, Request, StopReason, ToolCall, ToolSpec
from pytest_metr.agent.models.errors import CutShort
from pytest_metr.agent.models.wire import Body, count, section, text_of
from pytest_metr.types import TokenCounts

_STOPS: Mapping[str, StopReason] = {
    "stop": "end",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "length": "length",
    "content_filter": "refusal",
}
_REASONS: Mapping[StopReason, str] = {
    "end": "stop",
    "tool_calls": "tool_calls",
    "length": "length",
    "refusal": "content_filter",
    "other": "stop",
}
#: Parts of an answer that only its server understands, and that it wants back.
_OPAQUE = ("reasoning_content", "reasoning", "reasoning_details")
#: Parts that a stream may repeat, and that are not to be joined then.
_WHOLE = frozenset({"role", "id", "type", "index"})
_SAMPLING = ("temperature", "top_p", "stop", "seed")
_KNOWN = {"model", "messages", "tools", "max_tokens", "max_completion_tokens", "tool_choice", *_SAMPLING}


class OpenAIWire:
    """See :class:`~pytest_metr.agent.models.wire.Wire`."""

    name = "openai"
    path = "/chat/completions"

    def body(self, request: Request) -> Body:
        """Return the body of a request."""
        body: Body = {"model": request.model, "messages": [_message(message) for message in request.messages]}
        if request.tools:
            body["tools"] = [
                {
                    "type": "function",
                    "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
                }
                for tool in request.tools
            ]
        if request.max_tokens is not None:
            body["max_tokens"] = request.max_tokens
        return {**body, **request.sampling, **request.extra}

    def reply(self, response: Mapping[str, Any]) -> Reply:
        """Return what a complete response says. :raises ValueError: where it has no choice with a message."""
        choices = response.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        said = choice.get("message") if isinstance(choice, Mapping) else None
        if not isinstance(choice, Mapping) or not isinstance(said, Mapping):
            raise ValueError("expected choices with a message")
        refusal = said.get("refusal")
        calls = tuple(_calls(said.get("tool_calls")))
        text = _words(said.get("content")) or (refusal if isinstance(refusal, str) else "")
        stop: StopReason = _STOPS.get(str(choice.get("finish_reason")), "other")
        if refusal:
            stop = "refusal"
        elif calls and stop == "end":
            stop = "tool_calls"  # which some servers do not tell apart
        message = Message(role="assistant", text=text, calls=calls, opaque=_opaque(said))
        return Reply(message=message, stop=stop, tokens=self.tokens(response))

    def request(self, body: Mapping[str, Any]) -> Request:
        """Return what the body of somebody's request asks. :raises ValueError: where it cannot be read."""
        messages = body.get("messages")
        if not isinstance(messages, list):
            raise ValueError("messages: expected a list")
        most = body.get("max_completion_tokens", body.get("max_tokens"))
        sampling = {key: body[key] for key in _SAMPLING if body.get(key) is not None}
        if isinstance(sampling.get("stop"), str):
            sampling["stop"] = [sampling["stop"]]
        return Request(
            model=str(body.get("model", "")),
            messages=tuple(_read_message(message) for message in messages),
            tools=tuple(_read_tool(tool) for tool in body.get("tools") or ()),
            max_tokens=most if isinstance(most, int) else None,
            sampling=sampling,
            extra={key: value for key, value in body.items() if key not in _KNOWN},
        )

    def response(self, reply: Reply, *, model: str, id: str) -> Body:
        """Return the complete response that says so."""
        said = _message(reply.message)
        if reply.stop == "refusal":
            said |= {"content": None, "refusal": reply.message.text}
        body: Body = {
            "id": id,
            "object": "chat.completion",
            "created": 0,
            "model": model,
            "choices": [{"index": 0, "message": said, "logprobs": None, "finish_reason": _REASONS[reply.stop]}],
        }
        if reply.tokens is not None:
            body["usage"] = {
                "prompt_tokens": reply.tokens.input,
                "completion_tokens": reply.tokens.output,
                "total_tokens": reply.tokens.total,
                "prompt_tokens_details": {"cached_tokens": reply.tokens.cached},
                "completion_tokens_details": {"reasoning_tokens": reply.tokens.reasoning},
            }
        return body

    def events(self, response: Mapping[str, Any], *, include_usage: bool = False) -> Iterator[bytes]:
        """Yield a complete response as server-sent events."""
        shared = {key: value for key, value in response.items() if key not in ("choices", "usage")}
        shared["object"] = "chat.completion.chunk"
        for choice in response.get("choices") or ():
            more = {key: value for key, value in choice.items() if key not in ("message", "finish_reason")}
            index = choice.get("index", 0)
            said = dict(choice.get("message") or {})
            calls = said.pop("tool_calls", None)
            if calls:
                said["tool_calls"] = [{"index": number, **call} for number, call in enumerate(calls)]
            yield _event({**shared, "choices": [{"index": index, **more, "delta": said, "finish_reason": None}]})
            end = {"index": index, "delta": {}, "finish_reason": choice.get("finish_reason")}
            yield _event({**shared, "choices": [end]})
        if include_usage:
            yield _event({**shared, "choices": [], "usage": response.get("usage")})
        yield b"data: [DONE]\n\n"

    def collect(self, events: Iterable[Mapping[str, Any]]) -> Body:
        """Return the complete response that a stream of chunks makes."""
        response: Body = {}
        choices: dict[int, Body] = {}
        for event in events:
            response.update({k: v for k, v in event.items() if k not in ("choices", "object") and v is not None})
            for part in event.get("choices") or ():
                index = part.get("index") or 0
                choice = choices.setdefault(index, {"index": index, "message": {"role": "assistant"}})
                _grow_message(choice["message"], part.get("delta") or {})
                _grow(choice, {key: value for key, value in part.items() if key not in ("delta", "index")})
        if not choices or any(choice.get("finish_reason") is None for choice in choices.values()):
            raise CutShort("the stream ended in the middle of the answer")
        for choice in choices.values():
            if calls := choice["message"].get("tool_calls"):
                choice["message"]["tool_calls"] = [_without_index(call) for call in calls]
        return {**response, "object": "chat.completion", "choices": [choices[index] for index in sorted(choices)]}

    def tokens(self, response: Mapping[str, Any]) -> TokenCounts | None:
        """Return the counts of tokens of a response; None where it has none."""
        usage = response.get("usage")
        if not isinstance(usage, Mapping) or not isinstance(usage.get("prompt_tokens"), int):
            return None
        return TokenCounts(
            input=count(usage, "prompt_tokens"),
            cached=count(section(usage, "prompt_tokens_details"), "cached_tokens"),
            output=count(usage, "completion_tokens"),
            reasoning=count(section(usage, "completion_tokens_details"), "reasoning_tokens"),
        )

    def error(self, kind: str, message: str) -> Body:
        """Return an error as the maker's client expects it."""
        return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def _message(message: Message) -> Body:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.call_id, "content": message.text}
    opaque = message.opaque.get("openai", {})
    if not message.calls:
        return {"role": message.role, "content": message.text, **opaque}
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in message.calls
    ]
    return {"role": message.role, "content": message.text or None, "tool_calls": calls, **opaque}


def _words(content: object) -> str:
    """Return the text of what a model said; what is none, such as its thoughts, is no text."""
    if isinstance(content, list):
        return text_of([part for part in content if _is_text(part)])
    return content if isinstance(content, str) else ""


def _is_text(part: object) -> bool:
    return isinstance(part, str) or (isinstance(part, Mapping) and isinstance(part.get("text"), str))


def _opaque(said: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: said[key] for key in _OPAQUE if said.get(key)}
    content = said.get("content")
    if isinstance(content, list) and not all(_is_text(part) for part in content):
        found["content"] = content
    return {"openai": found} if found else {}


def _calls(value: object) -> Iterator[ToolCall]:
    for number, call in enumerate(value if isinstance(value, list) else ()):
        function = section(call, "function") if isinstance(call, Mapping) else {}
        arguments = function.get("arguments")
        yield ToolCall(
            id=str(call.get("id") or f"call_{number}") if isinstance(call, Mapping) else f"call_{number}",
            name=str(function.get("name") or ""),
            arguments=arguments if isinstance(arguments, str) else json.dumps(arguments or {}),
        )


def _read_message(message: object) -> Message:
    if not isinstance(message, Mapping):
        raise ValueError("messages: expected objects")
    role = {"developer": "system", "function": "tool"}.get(str(message.get("role")), message.get("role"))
    if role not in ("system", "user", "assistant", "tool"):
        raise ValueError(f"messages: unknown role {role!r}")
    model = role == "assistant"
    return Message(
        role=role,  # type: ignore[arg-type]  # which was checked just now
        text=_words(message.get("content")) if model else text_of(message.get("content")),
        calls=tuple(_calls(message.get("tool_calls"))) if model else (),
        call_id=str(message.get("tool_call_id", "")) if role == "tool" else None,
        opaque=_opaque(message) if model else {},
    )


def _read_tool(tool: object) -> ToolSpec:
    function = section(tool, "function") if isinstance(tool, Mapping) else {}
    if not isinstance(function.get("name"), str):
        raise ValueError("tools: expected functions with a name")
    return ToolSpec(
        name=function["name"],
        description=str(function.get("description") or ""),
        parameters=dict(section(function, "parameters")) or {"type": "object", "properties": {}},
    )


def _grow_message(message: Body, delta: Mapping[str, Any]) -> None:
    """Add what a chunk brings to what is there of a message."""
    _grow(message, {key: value for key, value in delta.items() if key != "tool_calls"})
    for part in delta.get("tool_calls") or ():
        calls: list[Body] = message.setdefault("tool_calls", [])
        # Some servers leave the index out: what has an id begins a call, what has none goes on with the last.
        new = len(calls) if part.get("id") or not calls else len(calls) - 1
        index = new if part.get("index") is None else part["index"]
        call = next((call for call in calls if call["index"] == index), None)
        if call is None:
            calls.append(call := {"index": index})
        _grow(call, part)


def _grow(there: Body, more: Mapping[str, Any]) -> None:
    """Add what a chunk brings: texts and lists are continued, what is inside of mappings likewise."""
    for key, value in more.items():
        before = there.get(key)
        if value is None:
            there.setdefault(key, None)
        elif key in _WHOLE or before is None or type(before) is not type(value):
            there[key] = dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else value
        elif isinstance(value, dict):
            _grow(before, value)
        elif key == "name" and value == before:
            continue  # which some servers repeat with every piece of the arguments
        elif isinstance(value, (str, list)):
            there[key] = before + value
        else:
            there[key] = value


def _without_index(call: Body) -> Body:
    return {key: value for key, value in call.items() if key != "index"}


def _event(data: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(data).encode("ascii") + b"\n\n"
