"""Commands and their results."""

from __future__ import annotations

import pytest

from pytest_metr.interfaces import Sandbox
from pytest_metr.types import User


def test_a_command_that_works_has_exit_code_0_and_its_output(shared: Sandbox) -> None:
    result = shared.exec(["echo", "hello", "there"])
    assert (result.exit_code, result.stdout, result.stderr) == (0, b"hello there\n", b"")
    assert result.ok
    assert not result.timed_out


def test_a_command_that_fails_is_a_result(shared: Sandbox) -> None:
    assert shared.exec(["false"]).exit_code == 1
    assert shared.exec(["sh", "-c", "exit 77"]).exit_code == 77


def test_the_two_streams_are_kept_apart(shared: Sandbox) -> None:
    result = shared.exec(["sh", "-c", "echo out ; echo err >&2"])
    assert (result.stdout, result.stderr) == (b"out\n", b"err\n")


@pytest.mark.parametrize("user", ["root", "agent"])
def test_a_program_that_does_not_exist_is_127(shared: Sandbox, user: User) -> None:
    result = shared.exec(["no-such-program"], user=user)
    assert result.exit_code == 127
    assert "no-such-program" in result.err


def test_an_empty_command_is_127(shared: Sandbox) -> None:
    assert shared.exec([]).exit_code == 127
    assert shared.exec([""]).exit_code == 127


def test_a_file_that_cannot_be_executed_is_126(shared: Sandbox) -> None:
    shared.write_file("/home/agent/data", b"no program", user="agent", mode=0o644)
    assert shared.exec(["/home/agent/data"]).exit_code == 126


def test_a_command_that_a_signal_ends_has_its_number_negated(shared: Sandbox) -> None:
    assert shared.exec(["sh", "-c", "kill -9 $$"]).exit_code == -9
    assert shared.exec(["sh", "-c", "kill -15 $$"]).exit_code == -15


def test_the_default_user_is_the_agent(shared: Sandbox) -> None:
    assert shared.exec(["id", "-un"]).out == "agent\n"


@pytest.mark.parametrize(("user", "number", "home"), [("root", "0", "/root"), ("agent", "1000", "/home/agent")])
def test_each_user_has_an_id_a_name_and_starts_at_home(shared: Sandbox, user: User, number: str, home: str) -> None:
    assert shared.exec(["id", "-u"], user=user).out.split() == [number]
    assert shared.exec(["id", "-un"], user=user).out.split() == [user]
    assert shared.exec(["pwd"], user=user).out == f"{home}\n"
    assert shared.exec(["sh", "-c", "echo $HOME"], user=user).out == f"{home}\n"
    assert shared.exec(["sh", "-c", "echo $USER"], user=user).out == f"{user}\n"


def test_the_working_folder_can_be_given(shared: Sandbox) -> None:
    assert shared.exec(["pwd"], cwd="/tmp").out == "/tmp\n"


def test_a_working_folder_that_is_not_there_is_a_result(shared: Sandbox) -> None:
    result = shared.exec(["true"], cwd="/no/such/folder")
    assert result.exit_code == 126
    assert "/no/such/folder" in result.err


def test_variables_are_added_to_the_environment(shared: Sandbox) -> None:
    result = shared.exec(["sh", "-c", "echo $GREETING ; echo $HOME"], env={"GREETING": "hi ä $x"})
    assert result.out == "hi ä $x\n/home/agent\n"


def test_nothing_of_the_hosts_environment_gets_in(shared: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METR_TEST_SECRET", "sesame")
    for user in ("root", "agent"):
        assert "sesame" not in shared.exec(["env"], user=user).out


def test_standard_input_is_given_and_then_ends(shared: Sandbox) -> None:
    assert shared.exec(["cat"], stdin=b"abc\0\xff").stdout == b"abc\0\xff"
    assert shared.exec(["cat"]).stdout == b""


def test_a_command_need_not_read_its_standard_input(shared: Sandbox) -> None:
    assert shared.exec(["true"], stdin=b"x" * 3_000_000).exit_code == 0


def test_large_input_comes_back_whole(shared: Sandbox) -> None:
    data = bytes(range(256)) * 16_384
    result = shared.exec(["cat"], stdin=data, output_limit=len(data))
    assert result.stdout == data
    assert result.stdout_dropped == 0


def test_output_keeps_head_and_tail_and_says_what_is_missing(shared: Sandbox) -> None:
    data = b"head" + b"." * 100_000 + b"tail"
    result = shared.exec(["cat"], stdin=data, output_limit=1000)
    assert result.stdout_dropped == len(data) - 1000
    assert result.stdout.startswith(b"head....")
    assert result.stdout.endswith(b"....tail")
    assert f"[... {result.stdout_dropped} bytes dropped ...]".encode() in result.stdout
    assert len(result.stdout) < 1100
    assert result.stderr_dropped == 0


def test_each_stream_has_the_limit_for_itself(shared: Sandbox) -> None:
    result = shared.exec(["sh", "-c", "cat >&2"], stdin=b"e" * 5000, output_limit=100)
    assert (result.stdout_dropped, result.stderr_dropped) == (0, 4900)


def test_output_of_exactly_the_limit_is_not_cut(shared: Sandbox) -> None:
    result = shared.exec(["cat"], stdin=b"x" * 999, output_limit=999)
    assert (result.stdout, result.stdout_dropped) == (b"x" * 999, 0)


@pytest.mark.parametrize("user", ["root", "agent"])
def test_a_command_that_takes_too_long_times_out(shared: Sandbox, user: User) -> None:
    result = shared.exec(["sleep", "600"], user=user, timeout=0.5)
    assert result.timed_out
    assert result.exit_code is None
    assert 0.5 <= result.seconds < 60
    assert not result.ok
    assert shared.exec(["true"], user=user).ok


def test_what_was_printed_before_a_timeout_is_kept(shared: Sandbox) -> None:
    assert shared.exec(["sh", "-c", "echo early ; sleep 600"], timeout=1.5).stdout == b"early\n"


def test_arguments_reach_the_command_as_they_are(shared: Sandbox) -> None:
    odd = ["--help", "a b", "", "ä€", "$HOME", "*", "\n"]
    assert shared.exec(["echo", *odd]).out == " ".join(odd) + "\n"
