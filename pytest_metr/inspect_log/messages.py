"""Messages of a model's API as Inspect's chat messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    Content,
    ContentReasoning,
    ContentText,
    GenerateConfig,
)
from inspect_ai.model import StopReason as InspectStop
from inspect_ai.tool import ToolCall as InspectCall
from inspect_ai.tool import ToolInfo, ToolParams

from pytest_metr.agent.models import Message, Request, StopReason, ToolCall, ToolSpec
from pytest_metr.inspect_log.clean import clean, clean_text, number

STOPS: Mapping[StopReason, InspectStop] = {
    "end": "stop",
    "tool_calls": "tool_calls",
    "length": "max_tokens",
    "refusal": "content_filter",
    "other": "unknown",
}
_REASONING_KEYS = ("reasoning_content", "reasoning")


def assistant_message(message: Message, *, id: str, model: str | None = None) -> ChatMessageAssistant:
    """Return what a model said, with its reasoning as far as it can be read."""
    reasoning = list(_reasoning(message.opaque))
    text = clean_text(message.text)
    content: list[Content] = [*reasoning, *([ContentText(text=text)] if text else [])]
    return ChatMessageAssistant(
        id=id,
        content=content if reasoning else text,
        tool_calls=[inspect_call(call) for call in message.calls] or None,
        source="generate",
        model=model,
    )


def other_message(message: Message, *, id: str, function: str | None = None) -> ChatMessage:
    """Return what a model was told.

    :param function: of what a tool gave: the tool's name.
    """
    text = clean_text(message.text)
    if message.role == "system":
        return ChatMessageSystem(id=id, content=text)
    if message.role == "tool":
        return ChatMessageTool(id=id, content=text, tool_call_id=clean_text(message.call_id or ""), function=function)
    return ChatMessageUser(id=id, content=text, source="input")


def unread_message(raw: Any, *, id: str) -> ChatMessage:
    """Return a message that nobody can read, such as one with a picture in it, as the JSON that it is."""
    text = json.dumps(clean(raw), ensure_ascii=False)
    return ChatMessageUser(id=id, content=text, source="input", metadata={"unread": True})


def inspect_call(call: ToolCall) -> InspectCall:
    """Return a call of a tool. Arguments that are no JSON object are told as an error of parsing, with their text."""
    name, id = clean_text(call.name), clean_text(call.id)
    try:
        arguments = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError) as error:
        return _unparsed(id, name, call.arguments, f"{type(error).__name__}: {error}")
    if not isinstance(arguments, dict):
        return _unparsed(id, name, call.arguments, "expected a JSON object")
    return InspectCall(id=id, function=name, arguments=clean(arguments))


def inspect_tools(specs: Iterable[ToolSpec]) -> list[ToolInfo]:
    """Return the tools that a model was offered."""
    return [_tool(spec) for spec in specs]


def generate_config(request: Request) -> GenerateConfig:
    """Return the settings of a request that Inspect has names for."""
    sampling = request.sampling
    stop, seed = sampling.get("stop"), sampling.get("seed")
    return GenerateConfig(
        max_tokens=request.max_tokens,
        temperature=number(sampling.get("temperature")),
        top_p=number(sampling.get("top_p")),
        stop_seqs=[clean_text(str(each)) for each in stop] if isinstance(stop, list) else None,
        seed=seed if isinstance(seed, int) and abs(seed) < 2**63 else None,
    )


def _unparsed(id: str, name: str, text: str, problem: str) -> InspectCall:
    return InspectCall(id=id, function=name, arguments={"arguments": clean_text(text)}, parse_error=clean_text(problem))


def _tool(spec: ToolSpec) -> ToolInfo:
    name, description, parameters = clean_text(spec.name), clean_text(spec.description), clean(spec.parameters)
    try:
        return ToolInfo(name=name, description=description, parameters=ToolParams.model_validate(parameters))
    except ValueError:  # a schema of more than what Inspect knows
        return ToolInfo(name=name, description=description, options={"parameters": parameters})


def _reasoning(opaque: Mapping[str, Any]) -> Iterator[ContentReasoning]:
    """Yield what a model thought, from the parts of its message that only its maker's API knows."""
    openai = opaque.get("openai")
    if isinstance(openai, Mapping):
        texts = [openai[key] for key in _REASONING_KEYS if isinstance(openai.get(key), str)]
        yield from (ContentReasoning(reasoning=clean_text(text)) for text in texts[:1])
    blocks = opaque.get("anthropic")
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, Mapping):
            continue
        if block.get("type") == "thinking":
            signature = block.get("signature")
            yield ContentReasoning(
                reasoning=clean_text(str(block.get("thinking") or "")),
                signature=clean_text(signature) if isinstance(signature, str) else None,
            )
        elif block.get("type") == "redacted_thinking":
            yield ContentReasoning(reasoning=clean_text(str(block.get("data") or "")), redacted=True)
