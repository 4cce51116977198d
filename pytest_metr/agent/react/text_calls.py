"""Calls of tools in the text of a reply, for models whose server knows no calls."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from pytest_metr.agent.models.chat import ToolCall, ToolSpec

_OPENING = re.compile(r"[ ]{0,3}(`{3,})([^`\n]*)\n")
_CLOSING = re.compile(r"[ ]{0,3}(`{3,})[ \t]*\r?\n")


def find_call(text: str, tools: Sequence[ToolSpec]) -> ToolCall | None:
    """Return the first call in a reply, or None where there is none. Never raises.

    A call is a fenced block: a line of three or more backticks and the name of a tool, then what the tool is given,
    then a line of at least as many backticks and nothing else. What is before the first such block, blocks with another
    word behind the fence among it, is prose; what is after it is not looked at. A block that is not closed is no call.
    What is between the fences is taken as it is, without the last line's end.

    :param tools: each takes the text as the first argument that it needs; one that needs none takes none.
    """
    needed = {tool.name: tool.parameters["required"] for tool in tools}
    lines = [f"{line}\n" for line in text.split("\n")]
    at, open_ended = 0, len(text) + 1
    while at < len(lines):
        opening = _OPENING.fullmatch(lines[at])
        at += 1
        if opening is None or len(opening[1]) >= open_ended:
            continue
        end = _closing(lines, at, len(opening[1]))
        if end is None:
            open_ended = len(opening[1])  # nor is a later one of that length closed
        elif (name := opening[2].strip()) in needed:
            line_end = "\r\n" if opening[2].endswith("\r") else "\n"
            return _call(name, "".join(lines[at:end]).removesuffix(line_end), needed[name])
        else:
            at = end + 1
    return None


def _closing(lines: Sequence[str], start: int, length: int) -> int | None:
    """Return the number of the line that closes a block, or None where no line does."""
    for number in range(start, len(lines)):
        closing = _CLOSING.fullmatch(lines[number])
        if closing is not None and len(closing[1]) >= length:
            return number
    return None


def _call(name: str, content: str, needed: Sequence[str]) -> ToolCall:
    return ToolCall(id="", name=name, arguments=json.dumps({needed[0]: content} if needed else {}))
