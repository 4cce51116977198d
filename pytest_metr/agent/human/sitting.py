"""One sitting of a person: what they decide by the words in their shell, and when their clock stands still."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from pytest_metr.interfaces import Workspace
from pytest_metr.texts import clock

#: Takes what a word in the shell came with, and returns what is told to it.
Word = Callable[[Mapping[str, Any]], dict[str, Any]]


class Sitting:
    """What is said in the shell arrives here from threads of their own; the terminal's thread looks at it.

    :ivar submission: what was handed in; None as long as nothing was.
    :ivar over: whether the person is done, with a submission or without one.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Condition()
        self._paused = False
        self.submission: str | None = None
        self.over = False

    @property
    def words(self) -> Mapping[str, Word]:
        """What can be said, besides asking for a score, which every agent can."""
        return {
            "submit": self._submit,
            "quit": self._quit,
            "pause": self._pause,
            "clock": self._clock,
            "note": self._note,
        }

    @property
    def paused(self) -> bool:
        """Whether the clock stands still, until :meth:`go_on` is called."""
        with self._lock:
            return self._paused

    def go_on(self) -> None:
        """Let the clock go on."""
        with self._lock:
            self._paused = False
            self._lock.notify_all()

    def end(self) -> None:
        """Let nobody wait any longer."""
        with self._lock:
            self.over = True
            self._paused = False
            self._lock.notify_all()

    def _submit(self, said: Mapping[str, Any]) -> dict[str, Any]:
        text = said.get("text")
        if not isinstance(text, str):
            raise ValueError("expected a text to hand in")
        self._workspace.record("submit", text=text)
        self.submission = text
        self.end()
        return {"message": "handed in"}

    def _quit(self, said: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - as every word has it
        self._workspace.record("quit")
        self._workspace.observe("gave_up")
        self.end()
        return {"message": "given up"}

    def _pause(self, said: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - as every word has it
        self._workspace.record("pause")
        with self._workspace.paused(), self._lock:
            self._paused = not self.over
            self._lock.wait_for(lambda: not self._paused)
        self._workspace.record("go_on")
        return {"message": f"the clock goes on at {self._told_time()}"}

    def _clock(self, said: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - as every word has it
        return {"message": self._told_time()}

    def _note(self, said: Mapping[str, Any]) -> dict[str, Any]:
        self._workspace.record("note", text=str(said.get("text", "")))
        return {"message": "noted"}

    @property
    def used(self) -> str:
        """The time that has been used, in hours, minutes and seconds."""
        return clock(self._workspace.seconds)

    def _told_time(self) -> str:
        left = self._workspace.check_limits().seconds
        return self.used if left is None else f"{self.used}, {clock(left)} left"
