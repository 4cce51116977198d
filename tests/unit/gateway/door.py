"""A gateway to a model that is a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pytest_metr.agent.gateway.ending import Ending
from pytest_metr.agent.gateway.model_api import ModelApi
from pytest_metr.agent.gateway.server import Server
from pytest_metr.agent.models import Wire

from .asking import ask
from .local import LocalWorld

#: What is asked, unless a test asks something else.
HELLO = {"model": "gpt-x", "max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]}
#: What each server answers.
HI: Mapping[str, dict[str, Any]] = {
    "openai": {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "model-1-2025",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hi"}}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
        "own_field": [1],
    },
    "anthropic": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "model-1-2025",
        "content": [{"type": "text", "text": "hi"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 2},
        "own_field": [1],
    },
}


class FakeCaller:
    """A model whose answers are a function's, and that keeps what it was asked."""

    model = "openai/model-1"

    def __init__(self, wire: Wire, answer: Callable[[], dict[str, Any]] | None = None) -> None:
        self.wire = wire
        self.answer = answer or (lambda: HI[wire.name])
        self.asked: list[dict[str, Any]] = []

    def call(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append(dict(body))
        return self.answer()


class Door:
    """A gateway to a fake model."""

    def __init__(self, caller: FakeCaller, *, ping: float = 30.0) -> None:
        self.caller = caller
        self.world = LocalWorld()
        self.ending = Ending()
        self.server = Server(self.ending)
        self.api = ModelApi(self.world.workspace, caller, refusal=self.server.refusal, ping=ping)
        self.server.add(self.api.routes)
        self.environment: dict[str, str] = {}

    def post(self, path: str, body: Any = HELLO) -> tuple[int, Any]:
        return ask(self.environment, "POST", path, body)


@contextmanager
def opened(caller: FakeCaller, *, ping: float = 30.0) -> Iterator[Door]:
    door = Door(caller, ping=ping)
    with door.world.workspace.forward(door.server.serve) as forward:
        door.environment = {"METR_URL": f"http://127.0.0.1:{forward.port}", "METR_TOKEN": door.server.token}
        yield door
