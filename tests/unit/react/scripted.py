"""A model whose replies are written down, and a shell that answers everything with its name."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from pytest_metr.agent.models.chat import Message, Reply, Request, StopReason, ToolCall
from pytest_metr.agent.models.errors import ModelRejected
from pytest_metr.agent.react import ReactAgent
from pytest_metr.types import TokenCounts
from tests.unit.agent.fakes import World
from tests.unit.react.hands import settings_of


class ScriptedModel:
    """Answers from a list, and keeps what it was asked. An exception in the list is raised."""

    model = "openai/scripted"

    def __init__(self, replies: Sequence[Reply | Exception]) -> None:
        self._replies = list(replies)
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Reply:
        self.asked.append(request)
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


class Run:
    """One run of the ReAct agent: its submission, what its model was asked, and the world it was in."""

    def __init__(self, *replies: Reply | Exception, world: World | None = None, **settings: Any) -> None:
        self.world = world or World()
        self.world.sandbox.talks["bash"] = shell
        self.model = ScriptedModel(replies)
        agent = ReactAgent(settings=settings_of(**settings), model=lambda workspace: self.model)
        self.submission = agent.run(self.world.workspace)

    @property
    def observed(self) -> dict[str, int]:
        return self.world.workspace.observed

    def told(self, number: int = -1) -> list[str]:
        """Return what was added to the conversation by the turn before a request."""
        messages = self.model.asked[number].messages
        last = max(at for at, message in enumerate(messages) if message.role in ("assistant", "system"))
        return [message.text for message in messages[last + 1 :]]


def says(text: str = "", *calls: ToolCall, stop: StopReason | None = None, tokens: int | None = None) -> Reply:
    """Return a reply."""
    return Reply(
        message=Message(role="assistant", text=text, calls=calls),
        stop=stop or ("tool_calls" if calls else "end"),
        tokens=None if tokens is None else TokenCounts(input=tokens, output=1),
    )


def call(name: str, id: str = "call1", **arguments: Any) -> ToolCall:
    """Return a call."""
    return ToolCall(id=id, name=name, arguments=json.dumps(arguments))


def submits(answer: str) -> Reply:
    """Return a reply that hands in."""
    return says("", call("submit", answer=answer))


def rejected(what: Any) -> ModelRejected:
    """Return what is raised where a server will not answer."""
    return ModelRejected(f"the server says: {what}", status=400, what=what)


def shell(data: bytes) -> bytes:
    """Answer what the tool sends to bash."""
    text = data.decode()
    [command] = re.findall(r"^eval (.*?) </dev/null", text, re.MULTILINE | re.DOTALL)
    [nonce] = re.findall(r"printf \S+ %d\\0' (\w+) ", text)
    return f"did {command}\n\0{nonce} 0\0".encode()
