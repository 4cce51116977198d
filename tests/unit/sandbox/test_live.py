"""Commands that go on: what is fed to them, what of their output waits, and how they end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.answer import Answer, Sink
from pytest_metr.sandbox.inside import frames
from pytest_metr.sandbox.live import Backlog, LiveProcess
from pytest_metr.sandbox.source import Given, Live
from tests.unit.agent.fakes import PATIENT
from tests.unit.sandbox.test_namespaces import Supervisors, started

PIECES = st.lists(st.binary(min_size=1, max_size=8), max_size=20)


def everything(source: Live) -> bytes:
    """Take what there is at present."""
    data = b""
    while piece := source.next():
        data += piece
    return data


@PATIENT
@given(PIECES, st.integers(1, 20))
def test_of_what_waits_the_last_bytes_are_kept_and_the_others_counted(pieces: list[bytes], room: int) -> None:
    backlog, whole = Backlog(room, None), b"".join(pieces)
    for piece in pieces:
        backlog.add(piece)
    backlog.end()
    assert backlog.take(None) == whole[-room:]
    assert backlog.dropped == max(0, len(whole) - room)
    assert backlog.take(None) == b""


def test_output_waits_for_a_moment_for_whoever_receives() -> None:
    backlog, taken = Backlog(10, None), list[bytes]()

    def receive() -> None:
        while data := backlog.take(None):
            taken.append(data)

    thread = threading.Thread(target=receive)
    thread.start()
    for number in range(100):
        backlog.add(b"%010d" % number)
    backlog.end()
    thread.join()
    # As long as somebody receives nothing goes, but a machine that is busy may let a few moments pass.
    assert backlog.dropped < 500
    assert len(b"".join(taken)) + backlog.dropped == 1000


def test_output_that_is_to_be_ignored_neither_waits_nor_comes() -> None:
    backlog = Backlog(10, None)
    backlog.add(b"before")
    backlog.ignore()
    backlog.add(b"after")
    assert backlog.take(0) is None
    backlog.end()
    assert backlog.take(None) == b""


def test_input_comes_bit_by_bit_and_whoever_waits_for_it_is_woken() -> None:
    source, woken = Live(), list[str]()
    source.send(b"early")
    source.attach(lambda: woken.append("!"))
    assert [source.next(), source.next()] == [b"early", b""]
    source.send(b"a")
    source.send(b"")
    source.end()
    source.send(b"too late")
    assert [source.next(), source.next()] == [b"a", None]
    source.kill()
    assert len(woken) == 3
    source.detach()
    source.kill()
    assert len(woken) == 3
    assert source.killed


@PATIENT
@given(PIECES, PIECES)
def test_a_request_that_is_made_again_gets_its_input_from_the_beginning(first: list[bytes], more: list[bytes]) -> None:
    source = Live()
    for piece in first:
        source.send(piece)
    taken = everything(source.again())
    for piece in more:
        source.send(piece)
    assert everything(source.again()) == taken + b"".join(more)


def test_input_is_remembered_no_longer_than_a_request_can_be_made_again() -> None:
    source = Live()
    for _ in range(frames.WINDOW // 1000 + 10):
        source.send(b"x" * 1000)
    everything(source)
    assert everything(source.again()) == b""


def test_what_is_given_skips_what_is_empty() -> None:
    source = Given([b"", b"a", b"", b"b"])
    assert [source.next(), source.next(), source.next()] == [b"a", b"b", None]


def process(run: Callable[[Live, Sink, Sink], Answer]) -> LiveProcess:
    def made(*, stdin: Callable[[], Live], out: Sink, err: Sink) -> Answer:
        return run(stdin(), out, err)

    live = LiveProcess(made, name="a test", room=100, forget=lambda _: None)
    live.start()
    return live


def test_a_sandbox_that_fails_is_told_after_what_came_before() -> None:
    def run(stdin: Live, out: Sink, err: Sink) -> Answer:
        out.add(b"early")
        raise SandboxError("no more", cause="daemon")

    live = process(run)
    assert live.receive(60) == b"early"
    for ask in (live.receive, live.wait, live.end_input, lambda: live.send(b"x")):
        with pytest.raises(SandboxError, match="no more") as raised:
            ask()
        assert raised.value.cause == "daemon"
    live.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_keeps_nobody_waiting() -> None:
    def run(stdin: Live, out: Sink, err: Sink) -> Answer:
        raise ZeroDivisionError

    live = process(run)
    with pytest.raises(SandboxError, match="has failed") as raised:
        live.wait(60)
    live.close()
    assert raised.value.cause == "internal"


def test_whoever_closes_waits_until_it_has_ended() -> None:
    def run(stdin: Live, out: Sink, err: Sink) -> Answer:
        killed = threading.Event()
        stdin.attach(lambda: killed.set() if stdin.killed else None)
        assert killed.wait(60)
        err.add(b"last words")
        return Answer(word="killed")

    live = process(run)
    assert live.wait(0) is None
    live.close()
    result = live.wait(0)
    assert result is not None
    assert (result.exit_code, result.stderr, result.timed_out) == (-9, b"last words", False)


def test_a_command_that_could_not_begin_gets_its_input_when_it_can(tmp_path: Path) -> None:
    supervisors = Supervisors(["fault fork: no", "echo"])
    with started(tmp_path, supervisors) as namespaces:

        def run(stdin: Live, out: Sink, err: Sink) -> Answer:
            return namespaces.converse("agent", {"op": "run"}, stdin=stdin.again, out=out, err=err, timeout=None)

        live = process(run)
        live.send(b"said once")
        live.end_input()
        assert live.receive(60) == b"said once"
        live.wait(60)
    assert supervisors.stops == 1
