"""Requests to a supervisor and what it answers, which an agent may have forged."""

from __future__ import annotations

import errno
import os
import resource
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.answer import Answer
from pytest_metr.sandbox.bubblewrap.control import Control
from pytest_metr.sandbox.bubblewrap.post import Gone, post
from pytest_metr.sandbox.inside import wire
from pytest_metr.sandbox.output import Whole
from pytest_metr.sandbox.source import Given


class Failing(socket.socket):
    """A socket that cannot send descriptors a number of times, for the reason *number*."""

    number = errno.ETOOMANYREFS
    times = 0

    def sendmsg(self, *arguments: Any) -> int:
        if self.times:
            self.times -= 1
            raise OSError(self.number, os.strerror(self.number))
        return super().sendmsg(*arguments)


def ends(number: int = 0, times: int = 0) -> tuple[Failing, socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    failing = Failing(fileno=ours.detach())
    failing.number, failing.times = number, times
    return failing, theirs


@given(st.text(max_size=12))
@example("--5")
@example("²")
@example("٣")
@example("-")
@example("5\n")
def test_the_number_of_an_answer_is_one_or_none_whatever_was_said(said: str) -> None:
    number = Answer(word="exit", rest=said).number
    assert number is None or str(number).lstrip("-") == said.lstrip("-0") or number == 0


@pytest.mark.parametrize(("said", "number"), [("0", 0), ("127", 127), ("-9", -9), ("123456789", None), ("", None)])
def test_the_number_of_an_answer_is_read(said: str, number: int | None) -> None:
    assert Answer(word="exit", rest=said).number == number


@pytest.mark.parametrize("number", [errno.ETOOMANYREFS, errno.ENOBUFS, errno.EMFILE])
def test_a_request_that_the_host_is_too_crowded_for_is_sent_again(number: int) -> None:
    ours, theirs = ends(number, times=2)
    with ours, theirs:
        post(ours, {"op": "ping"}, [0])
        received = wire.receive(theirs)
        assert received is not None
        assert received[0] == {"op": "ping"}
        os.close(received[1][0])


@pytest.mark.parametrize("number", [errno.ETOOMANYREFS, errno.ENOSPC])
def test_what_keeps_a_request_from_being_sent_is_said(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_metr.sandbox.bubblewrap.post._PAUSES", (0.0, 0.0))
    ours, theirs = ends(number, times=1000)
    with ours, theirs, pytest.raises(SandboxError, match=os.strerror(number)):
        post(ours, {"op": "ping"}, [0])


def test_a_request_to_nobody_is_told_apart() -> None:
    ours, theirs = ends()
    theirs.close()
    with ours, pytest.raises(Gone):
        post(ours, {"op": "ping"}, [0])


def test_a_harness_without_descriptors_says_so_and_leaks_none() -> None:
    ours, theirs = ends()
    control, limits = Control(ours), resource.getrlimit(resource.RLIMIT_NOFILE)
    before = set(Path("/proc/self/fd").iterdir())
    lowest = os.dup(0)
    os.close(lowest)
    try:
        for room in range(1, 9):
            resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + room, limits[1]))
            with pytest.raises(SandboxError, match="could not be made"):
                control.converse({"op": "run"}, stdin=Given(), out=Whole(), err=Whole(), timeout=1)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert set(Path("/proc/self/fd").iterdir()) == before
    control.close()
    theirs.close()
