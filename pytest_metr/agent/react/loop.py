"""The loop: ask the model, do what it calls for, tell it what came of it, until it hands in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Protocol

from pytest_metr.agent.models.chat import Message, Reply, Request, ToolCall
from pytest_metr.agent.models.errors import ModelRejected
from pytest_metr.agent.react.context import Conversation, Window
from pytest_metr.agent.react.prompts import describe_limits, fill
from pytest_metr.agent.react.settings import ReactSettings
from pytest_metr.agent.react.text_calls import find_call
from pytest_metr.agent.react.tools import Malformed, Submitted, Toolbox
from pytest_metr.errors import AgentError
from pytest_metr.interfaces import Workspace


class Model(Protocol):
    """What answers: a :class:`~pytest_metr.agent.models.ModelCaller`, or what stands for one in a test."""

    @property
    def model(self) -> str:
        """``provider/name``."""
        ...

    def ask(self, request: Request) -> Reply:
        """Answer a request.

        :raises ModelRejected: where the server says that it is too long, or its filter lets it not through.
        """
        ...


class ReactAgent:
    """An agent that thinks by a model and acts by tools, in a loop.

    :param model: makes what answers in one run.
    """

    def __init__(self, *, settings: ReactSettings, model: Callable[[Workspace], Model]) -> None:
        self._settings = settings
        self._model = model

    def run(self, workspace: Workspace) -> str:
        """Work until the model hands in, or makes no proper call for too long: the submission is empty then.

        :raises AgentError: where the model's window cannot hold the task and the newest turn.
        """
        with workspace.paused():  # importing a maker's client is not the agent's time
            model = self._model(workspace)
        return _Run(workspace, model, self._settings).submission()


class _Run:
    def __init__(self, workspace: Workspace, model: Model, settings: ReactSettings) -> None:
        self._workspace = workspace
        self._model = model
        self._settings = settings
        self._tools = Toolbox(workspace, settings)
        self._in_text = settings.tool_calls == "text"
        self._specs = () if self._in_text else self._tools.specs
        told = json.dumps([[spec.name, spec.description, spec.parameters] for spec in self._specs])
        self._window = Window(settings.context_tokens, reply=settings.max_tokens, overhead=len(told))
        self._talk = Conversation(head=self._head())
        self._without = 0
        self._used = False

    def submission(self) -> str:
        """Return what the model hands in."""
        try:
            while self._without < self._settings.give_up_after:
                self._take_turn()
        except Submitted as submitted:
            if not self._used:
                self._workspace.observe("submitted_at_once")
            if not submitted.answer:
                self._workspace.observe("empty_submission")
            return submitted.answer
        self._workspace.observe("gave_up")
        text = f"no proper call in {self._without} replies in a row: the run ends, and the submission is empty"
        self._workspace.record("note", text=text)
        return ""

    def _take_turn(self) -> None:
        """Ask once, and answer the reply."""
        reply = self._ask()
        calls = self._calls(reply)
        self._without += 1
        answers = [self._answer(call) for call in calls] or [Message(role="user", text=self._no_call(reply))]
        said = () if reply is None or _is_empty(reply.message) else (reply.message,)
        self._talk = self._talk.added(*said, *answers)

    def _ask(self) -> Reply | None:
        """Return the model's reply, None where a filter let the request not through."""
        while True:
            self._keep(self._window.fit(self._talk))
            messages = self._talk.messages(self._prompt("cut", count=self._talk.cut))
            bound = self._settings.max_tokens
            request = Request(model=self._model.model, messages=messages, tools=self._specs, max_tokens=bound)
            try:
                reply = self._model.ask(request)
            except ModelRejected as rejected:
                if rejected.what == "filtered":
                    self._workspace.observe("filtered")
                    return None
                if rejected.what != "too_long":
                    raise
                self._cut_further(rejected)
                continue
            self._window.counted(request, reply.tokens.input if reply.tokens is not None else 0)
            if reply.stop in ("refusal", "length"):
                self._workspace.observe("refusal" if reply.stop == "refusal" else "cut_short")
            return reply

    def _keep(self, talk: Conversation) -> None:
        """Go on with a conversation from which something may have been cut."""
        if talk.cut > self._talk.cut:
            self._workspace.observe("context_cut")
            self._workspace.record("context_cut", messages=talk.cut - self._talk.cut, in_all=talk.cut)
        self._talk = talk

    def _cut_further(self, rejected: ModelRejected) -> None:
        self._workspace.observe("too_long")
        shorter = self._window.refused(self._talk)
        if shorter is None:
            raise AgentError(f"the model's window cannot hold the task and the newest turn: {rejected}") from rejected
        self._keep(shorter)

    def _calls(self, reply: Reply | None) -> tuple[ToolCall, ...]:
        if reply is None:
            return ()
        if not self._in_text:
            return reply.message.calls
        call = find_call(reply.message.text, self._tools.specs)
        return () if call is None else (call,)

    def _answer(self, call: ToolCall) -> Message:
        """Do what a call asks for, and return what the model is told of it."""
        try:
            text = self._tools.call(call)
            self._without, self._used = 0, True
        except Malformed as malformed:
            self._workspace.observe("malformed_call")
            self._workspace.record("malformed_call", name=call.name, arguments=call.arguments, problem=str(malformed))
            text = self._prompt("malformed", problem=malformed)
        if self._in_text:
            return Message(role="user", text=f"Result of {call.name}:\n{text}")
        return Message(role="tool", text=text, call_id=call.id)

    def _no_call(self, reply: Reply | None) -> str:
        """Return what the model is told after a reply that called nothing."""
        if reply is not None:
            self._workspace.observe("no_call")
            if _is_empty(reply.message):
                self._workspace.observe("empty_answer")
        cut_short = self._prompt("cut_short") if reply is not None and reply.stop == "length" else ""
        return cut_short + self._prompt("no_call", left=self._settings.give_up_after - self._without)

    def _head(self) -> tuple[Message, ...]:
        """Return the first messages: who the model is, and the task."""
        tools = "\n".join(f"- {spec.name}: {spec.description}" for spec in self._tools.specs)
        calls = self._prompt("text_calls" if self._in_text else "calls")
        limits = describe_limits(self._workspace.limits)
        return (
            Message(role="system", text=self._prompt("system", calls=calls, tools=tools, limits=limits)),
            Message(role="user", text=self._prompt("task", instructions=self._workspace.instructions)),
        )

    def _prompt(self, name: str, **parts: object) -> str:
        return fill(self._settings.prompts[name], **parts)


def _is_empty(message: Message) -> bool:
    return not message.text.strip() and not message.calls
