"""The tools of one run: what the model is told of them, and what becomes of a call."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pytest_metr.agent.models.chat import ToolCall, ToolSpec
from pytest_metr.agent.react.bash import bash_tool
from pytest_metr.agent.react.python import python_tool
from pytest_metr.agent.react.settings import ReactSettings
from pytest_metr.interfaces import Workspace


class Malformed(Exception):
    """A call that cannot be made, told in words that the model can act on."""


class Submitted(Exception):
    """The model has handed in; *answer* exactly as it gave it."""

    def __init__(self, answer: str) -> None:
        super().__init__("submitted")
        self.answer = answer


class Tool(Protocol):
    """What a model can call."""

    @property
    def spec(self) -> ToolSpec:
        """What the model is told of it."""
        ...

    def run(self, arguments: Mapping[str, Any]) -> str:
        """Do what is asked, with checked arguments, and return what the model is shown."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleTool:
    """A tool that is a function of its arguments."""

    spec: ToolSpec
    do: Callable[[Mapping[str, Any]], str]

    def run(self, arguments: Mapping[str, Any]) -> str:
        """Call the function."""
        return self.do(arguments)


class Toolbox:
    """The tools that are offered in one run: those of the settings, ``score`` only where the task has such scores.

    What a session has left running is not ended when the model submits: it may be what the task is about.
    """

    def __init__(self, workspace: Workspace, settings: ReactSettings) -> None:
        makers: Mapping[str, Callable[[], Tool]] = {
            "bash": lambda: bash_tool(workspace, settings),
            "python": lambda: python_tool(workspace, settings),
            "score": lambda: _score_tool(workspace),
            "submit": lambda: _submit_tool(workspace),
        }
        names = [name for name in settings.tools if name != "score" or workspace.can_score]
        self._tools = {name: makers[name]() for name in names}

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What the model is told of the tools."""
        return tuple(tool.spec for tool in self._tools.values())

    def call(self, call: ToolCall) -> str:
        """Do what a call asks for and return what the model is shown.

        :raises Malformed: where it cannot be made; nothing has been done then.
        :raises Submitted: where it hands in.
        :raises LimitReached: passed on from the workspace.
        """
        tool = self._tools.get(call.name)
        if tool is None:
            raise Malformed(f"there is no tool {call.name[:100]!r}, only {', '.join(self._tools)}")
        return tool.run(read_arguments(call.arguments, tool.spec))


def read_arguments(text: str, spec: ToolSpec) -> dict[str, Any]:
    """Return the arguments of a call: a JSON object whose fields are those of the tool.

    Nothing else is taken for one, not even the bare text of a tool with one argument, so that ``malformed_call`` counts
    the same for every model. No text at all, which some servers send for no arguments, is the empty object.

    :raises Malformed: where they are not.
    """
    try:
        arguments = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the arguments of {spec.name} are no JSON ({error})") from error
    if not isinstance(arguments, dict):
        raise Malformed(f"the arguments of {spec.name} are no JSON object")
    known: dict[str, dict[str, Any]] = spec.parameters["properties"]
    for name, value in arguments.items():
        if name not in known:
            raise Malformed(f"{spec.name} has no argument {name[:100]!r}, only {', '.join(known) or 'none'}")
        _check(name, value, known[name]["type"])
    if missing := [name for name in spec.parameters["required"] if name not in arguments]:
        raise Malformed(f"{spec.name} needs the argument {missing[0]!r}")
    return arguments


def _check(name: str, value: object, kind: str) -> None:
    if kind == "number":
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and _seconds(value)
        if not number:
            raise Malformed(f"the argument {name!r} must be a number above 0")
    elif not isinstance(value, str):
        raise Malformed(f"the argument {name!r} must be text")
    elif "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise Malformed(f"the argument {name!r} has a zero byte or half of a surrogate pair in it")


def _seconds(value: float) -> bool:
    try:
        return math.isfinite(value) and value > 0
    except OverflowError:  # a whole number that is larger than any float
        return False


def _spec(name: str, description: str, **properties: str) -> ToolSpec:
    parameters = {
        "type": "object",
        "properties": {key: {"type": "string", "description": text} for key, text in properties.items()},
        "required": list(properties),
        "additionalProperties": False,
    }
    return ToolSpec(name=name, description=description, parameters=parameters)


def _score_tool(workspace: Workspace) -> Tool:
    def score(arguments: Mapping[str, Any]) -> str:  # noqa: ARG001 - it has none
        visible = workspace.score()
        shown = {"message": visible.message}
        if visible.score is not None:
            shown["score"] = visible.score if math.isfinite(visible.score) else "none: what there is now is not valid"
        return json.dumps(shown, ensure_ascii=False, default=str)

    purpose = "Have your work as it is now scored. The task says what that tells you."
    return SimpleTool(spec=_spec("score", purpose), do=score)


def _submit_tool(workspace: Workspace) -> Tool:
    def submit(arguments: Mapping[str, Any]) -> str:
        answer: str = arguments["answer"]
        with workspace.action("submit", answer=answer):
            raise Submitted(answer)

    purpose = "Hand in your answer and end the run. What the task scores is exactly this text; it may be empty."
    return SimpleTool(spec=_spec("submit", purpose, answer="The submission, exactly as it is to be scored."), do=submit)
