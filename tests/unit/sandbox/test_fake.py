"""What the fake world offers to tests beyond the conformance suite."""

from __future__ import annotations

import socket

import pytest

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.fake import Answers, Call, Done, FakeProvider, FakeSandbox, Node
from pytest_metr.types import Gpu, Resources


def make(provider: FakeProvider) -> FakeSandbox:
    snapshot = provider.snapshot("bare", lambda _: None)
    return provider.create(snapshot, internet=False, resources=Resources(), label="a test")


def test_a_program_can_be_scripted() -> None:
    def greet(call: Call) -> Done:
        call.files.put("/tmp/seen", Node(kind="file", data=call.stdin), call.user)
        return Done(exit_code=3, stdout=f"{call.argv[1]} {call.user} {call.env['X']}".encode(), seconds=2.5)

    sandbox = make(FakeProvider(programs={"greet": greet}))
    result = sandbox.exec(["greet", "hello"], env={"X": "y"}, stdin=b"in")
    assert (result.exit_code, result.out, result.seconds) == (3, "hello agent y", 2.5)
    assert sandbox.read_file("/tmp/seen") == b"in"
    assert [call.argv for call in sandbox.calls] == [["greet", "hello"]]


def test_a_scripted_program_wins_over_a_built_in_one_and_may_be_named_by_path() -> None:
    sandbox = make(FakeProvider(programs={"python": lambda _: Done(stdout=b"snake")}))
    assert sandbox.exec(["/usr/local/bin/python", "x.py"]).out == "snake"


def test_time_is_told_and_does_not_pass() -> None:
    result = make(FakeProvider()).exec(["sleep", "1000"], timeout=30)
    assert (result.timed_out, result.exit_code, result.seconds) == (True, None, 30)


def test_probe_and_refusal_say_what_they_are_told() -> None:
    provider = FakeProvider(works=False, refuses={"apt": "not here"})
    assert not provider.probe().works
    assert provider.refusal(Resources(), ["apt", "two_users"]) == "apt: not here"
    with pytest.raises(SandboxError, match="gpu"):
        provider.create("x", internet=False, resources=Resources(gpu=Gpu(count_min=1, count_max=1)), label="")


def test_open_sandboxes_are_listed_and_closed_with_the_provider() -> None:
    with FakeProvider() as provider:
        sandbox = make(provider)
        assert provider.sandboxes == [sandbox]
        assert "without the internet" in sandbox.info.notes
        sandbox.kill_agent()
        assert sandbox.agent_kills == 1
    assert sandbox.closed
    assert provider.sandboxes == []


def test_a_talk_answers_what_is_said_to_it_and_each_call_has_its_own() -> None:
    def count(call: Call) -> Answers:
        heard: list[bytes] = []

        def answer(data: bytes) -> bytes:
            heard.append(data)
            return f"{call.user} {len(heard)}\n".encode()

        return answer

    sandbox = make(FakeProvider(talks={"count": count}))
    first, second = sandbox.spawn(["count"]), sandbox.spawn(["count"], user="root")
    first.send(b"x")
    first.send(b"x")
    second.send(b"x")
    assert (first.receive(0), second.receive(0)) == (b"agent 1\nagent 2\n", b"root 1\n")
    sandbox.kill_agent()
    result = first.wait(0)
    assert result is not None
    assert (result.exit_code, second.wait(0)) == (-9, None)


def test_a_program_that_goes_on_runs_when_somebody_waits_for_it() -> None:
    sandbox = make(FakeProvider(programs={"shout": lambda call: Done(exit_code=2, stdout=call.stdin.upper())}))
    process = sandbox.spawn(["shout"])
    process.send(b"hear ")
    process.send(b"me")
    assert process.receive() == b"HEAR ME"
    result = process.wait()
    assert result is not None
    assert result.exit_code == 2


def test_a_forward_is_a_port_of_this_machine_that_ends_with_the_sandbox() -> None:
    sandbox = make(FakeProvider())
    forward = sandbox.forward(lambda sock: sock.sendall(sock.recv(10)))
    with socket.create_connection(("127.0.0.1", forward.port)) as connection:
        connection.sendall(b"hello")
        assert connection.recv(10) == b"hello"
    sandbox.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", forward.port))
