"""The settings of a ReAct agent, beside those of its model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from pytest_metr.agent.react.prompts import read_prompts
from pytest_metr.fields import Fields, describe, suggestion

#: The tools that there are, in the order in which a model is told of them.
TOOLS = ("bash", "python", "score", "submit")
#: How a model calls tools: by its server's API, or by blocks in its text.
TOOL_CALLS = ("native", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactSettings:
    """What an agent file says of the loop.

    :param tools: of :data:`TOOLS`; ``submit`` is one of them.
    :param tool_calls: of :data:`TOOL_CALLS`.
    :param context_tokens: the model's window, in tokens; None where it is not known and the server will say.
    :param max_tokens: of one reply; None where the server decides.
    :param prompts: every text, by its name; see :data:`~pytest_metr.agent.react.prompts.PROMPTS`.
    :param tool_timeout_seconds: of a command for which the model gives none.
    :param tool_timeout_most: what the model may give.
    :param output_limit: bytes of a command's output that the model is shown; the middle of more is dropped.
    :param give_up_after: replies in a row without a proper call after which the run ends.
    """

    tools: tuple[str, ...]
    tool_calls: str
    context_tokens: int | None
    max_tokens: int | None
    prompts: Mapping[str, str]
    tool_timeout_seconds: float
    tool_timeout_most: float
    output_limit: int
    give_up_after: int

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> ReactSettings:
        """Return what :func:`read_settings` and the model's own check have made of an agent file."""
        known: dict[str, Any] = {field.name: settings.get(field.name) for field in fields(cls)}
        known["tools"] = tuple(settings["tools"])
        return cls(**known)


def read_settings(given: Fields) -> dict[str, Any]:
    """Return the settings of the loop from an agent file, complete and plain JSON; ``max_tokens`` is the model's.

    :raises UsageMistake: where one of them is not what it should be.
    """
    usual = given.positive_number("tool_timeout_seconds") or 180.0
    most = given.positive_number("tool_timeout_most") or max(usual, 1800.0)
    if usual > most:
        given.wrong("tool_timeout_seconds", f"expected at most tool_timeout_most ({most:g}), found {usual:g}")
    return {
        "tools": _tools(given),
        "tool_calls": given.choice("tool_calls", TOOL_CALLS) or "native",
        "context_tokens": given.whole("context_tokens", "of 1000 or more", lambda number: number >= 1000),
        "prompts": read_prompts(given.mapping("prompts")),
        "tool_timeout_seconds": usual,
        "tool_timeout_most": most,
        "output_limit": given.whole("output_limit", "of bytes, 200 or more", lambda number: number >= 200) or 16 * 1024,
        "give_up_after": given.whole("give_up_after", "above 0", lambda number: number > 0) or 3,
    }


def _tools(given: Fields) -> list[str]:
    if "tools" not in given:
        given.items("tools")
        return list(TOOLS)
    tools = given.items("tools")
    for number, name in enumerate(tools):
        if name not in TOOLS:
            hint = suggestion(name, TOOLS) if isinstance(name, str) else ""
            given.wrong(f"tools[{number}]", f"expected one of {', '.join(TOOLS)}, found {describe(name)}{hint}")
    if "submit" not in tools:
        given.wrong("tools", "expected submit among them, without which no run can end")
    return [name for name in TOOLS if name in tools]
