"""What becomes of answers about the agent, with supervisors that say what they are told to."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.answer import Answer
from pytest_metr.sandbox.bubblewrap.arguments import CONTROL, Tools
from pytest_metr.sandbox.bubblewrap.launch import Life, WardenLink
from pytest_metr.sandbox.bubblewrap.namespaces import Namespaces
from pytest_metr.sandbox.bubblewrap.python import HostPython
from pytest_metr.sandbox.inside import wire
from pytest_metr.sandbox.output import Whole
from pytest_metr.sandbox.source import Given
from pytest_metr.types import User


class Supervisors:
    """Stands in for the warden: its sandboxes are threads that answer every command with the next of *answers*."""

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.stops = 0

    def launch(self, argv: Sequence[str], *, fds: dict[int, int], log: int, preparation: dict[str, Any]) -> Life:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._serve(os.dup(fds[CONTROL]), theirs)
        return Life(ours)

    def _serve(self, control: int, life: socket.socket | None) -> None:
        threading.Thread(target=self._loop, args=(wire.adopt(control), life), daemon=True).start()

    def _loop(self, control: socket.socket, life: socket.socket | None) -> None:
        with control:
            wire.tell(control, "ready")
            while (received := wire.receive(control)) is not None:
                request, fds = received
                if request["op"] == "agent_start":
                    self._serve(os.dup(fds[1]), None)
                elif request["op"] == "agent_stop":
                    self.stops += 1
                    wire.answer(fds[-1], "done")
                elif request["op"] == "run":
                    self._run(self.answers.pop(0), fds)
                for fd in fds:
                    os.close(fd)
        if life is not None:
            life.close()

    def _run(self, answer: str, fds: list[int]) -> None:
        """Give an answer; ``echo`` is the one of a command that says what it hears."""
        word, _, rest = answer.partition(" ")
        if word == "echo":
            while data := os.read(fds[0], 1000):
                os.write(fds[1], data)
            word, rest = "exit", "0"
        wire.answer(fds[-1], word, rest)


@contextmanager
def started(folder: Path, supervisors: Supervisors) -> Iterator[Namespaces]:
    """Start namespaces of these supervisors."""
    python = HostPython(version="3", mount=None, program="/usr/bin/python3", libraries=None, pip=None)
    tools = Tools(folder=folder, program=folder, inner="bwrap", python=python, python_source=None, filtered=False)
    namespaces = Namespaces(tools, cast("WardenLink", supervisors), [], log=folder / "log", preparation={})
    try:
        yield namespaces
    finally:
        namespaces.close()


def ask(folder: Path, user: User, *answers: str) -> tuple[Answer, Supervisors]:
    """Make one request and return its answer."""
    supervisors = Supervisors(answers)
    with started(folder, supervisors) as namespaces:
        answer = namespaces.converse(user, {"op": "run"}, stdin=Given, out=Whole(), err=Whole(), timeout=30)
    return answer, supervisors


def test_an_answer_is_handed_on(tmp_path: Path) -> None:
    assert ask(tmp_path, "agent", "exit 3")[0] == Answer(word="exit", rest="3")


def test_an_agents_supervisor_that_can_start_nothing_is_replaced_and_asked_again(tmp_path: Path) -> None:
    answer, supervisors = ask(tmp_path, "agent", "fault forged", "exit 0")
    assert (answer.word, supervisors.stops) == ("exit", 1)


def test_a_new_supervisor_of_the_agent_that_can_start_nothing_either_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="could not start a process: fork: no more"):
        ask(tmp_path, "agent", "fault forged", "fault fork: no more")


def test_a_fault_of_roots_supervisor_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="could not start a process: fork: no more"):
        ask(tmp_path, "root", "fault fork: no more", "exit 0")


@pytest.mark.parametrize("word", ["lost", "stuck"])
def test_an_agent_whose_watcher_says_nothing_loses_all_its_processes(tmp_path: Path, word: str) -> None:
    answer, supervisors = ask(tmp_path, "agent", word)
    assert (answer.word, supervisors.stops) == (word, 1)
