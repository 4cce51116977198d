"""The shell of the ReAct agent, and everything that a command can do to it."""

from __future__ import annotations

import pytest

from pytest_metr.errors import LimitReached
from pytest_metr.interfaces import Sandbox
from tests.conformance.test_processes import running
from tests.unit.react.hands import Hands

NEW_ONE = "The next call gets a new one, without its folder, variables and functions.]"


def ended(code: int) -> str:
    return f"[the shell has ended with exit code {code}. {NEW_ONE}"


def test_folder_variables_functions_options_and_jobs_stay(hands: Hands) -> None:
    assert hands.bash("cd /tmp; word=hi; greet() { echo $word $1; }; declare -A map=([a]=1); shopt -s nullglob") == (
        "[no output]"
    )
    assert hands.bash("pwd; greet you; echo ${map[a]} *.nothing") == "/tmp\nhi you\n1\n"
    assert hands.bash("sleep 0.01 & wait $!; echo waited") == "waited\n"
    assert hands.bash("sleep 671 &") == "[no output]"
    assert "Running" in hands.bash("jobs")
    assert hands.bash("false") == "[exit code 1]"
    assert hands.bash("echo partly; (exit 7)") == "partly\n[exit code 7]"


def test_output_and_errors_come_in_their_order(hands: Hands) -> None:
    assert hands.bash("echo 1; echo 2 >&2; echo 3; ls /none; printf 4") == (
        "1\n2\n3\nls: cannot access '/none': No such file or directory\n4"
    )


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("cat", "[no output]"),
        ("read line; echo $?", "1\n"),
        ("exec 1>&-; echo lost", "[exit code 1]"),
        ("exec >/dev/null; echo lost", "[no output]"),
        ("exec 2>&-; ls /none", "[exit code 2]"),
        ("exec </etc/passwd; read line; echo ${line%%:*}", "root\n"),
        ("exec 0<&-; echo closed", "closed\n"),
        ("cat <<EOF\nopen", "open\n"),
        ("if true; then echo \\", "[exit code 2]"),
        ("echo 'open", "[exit code 2]"),
        ("echo $(echo", "[exit code 2]"),
        ("break; continue; echo on", "on\n"),
        ("return 3", "[exit code 2]"),
        ("set -e; true", "[no output]"),
        ("set -u", "[no output]"),
        ("trap '' HUP INT TERM; trap 'true' ERR", "[no output]"),
        ("echo one # two", "one\n"),
        ("echo \\\\", "\\\n"),
        ("echo ! \"$'x'\" `echo y`", "! $'x' y\n"),
        ("", "[no output]"),
        ("stty -a", "[exit code 1]"),
        ("builtin() { :; }; unset -f builtin; ulimit -t 1000; umask 077", "[no output]"),
    ],
)
def test_a_command_is_over_when_it_is_over_and_the_shell_lives_on(hands: Hands, command: str, said: str) -> None:
    hands.bash("kept=here")
    shown = hands.bash(command)
    assert shown.endswith(said), shown
    assert "ended" not in shown
    assert hands.bash("false; echo $kept $missing") == "here\n"


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("echo bye; exit 5", f"bye\n{ended(5)}"),
        ("kill -9 $$", ended(-9)),
        ("exec echo instead", f"instead\n{ended(0)}"),
        ("set -e; echo before; false; echo after", f"before\n{ended(1)}"),
        ("trap 'echo at the end' EXIT; exit", f"at the end\n{ended(0)}"),
    ],
)
def test_a_shell_that_ends_is_told_and_another_begins(hands: Hands, command: str, shown: str) -> None:
    hands.bash("cd /tmp; lost=1")
    assert hands.bash(command) == shown
    assert hands.bash("echo ${lost:-nothing} $PWD") == "nothing /home/agent\n"
    assert hands.workspace.observed == {"session_ended": 1}
    [told] = [event for event in hands.transcript.of("bash") if event.get("session_ended")]
    assert told["command"] == command


def test_an_agent_that_kills_all_that_it_can_goes_on(hands: Hands) -> None:
    hands.bash("kill -9 -1")
    hands.bash("sleep 0.5")  # by when what watches over the shell has gone too, where it could be killed
    assert hands.bash("echo on") == "on\n"


def test_a_command_that_takes_too_long_is_killed_with_all_that_the_shell_has_started(
    hands: Hands, sandbox: Sandbox
) -> None:
    hands.bash("lost=1; setsid sleep 661 & sleep 661 &")
    shown = hands.bash("echo begun; sleep 661", timeout=0.5)
    assert shown == (
        "begun\n[not done after 0.5 seconds: killed, with the shell and all that it had started. " + NEW_ONE
    )
    assert not running(sandbox, "sleep 661")
    assert hands.bash("echo ${lost:-nothing}") == "nothing\n"
    assert hands.workspace.observed == {"tool_timeout": 1}
    assert (hands.transcript.of("bash")[1]["timed_out"], hands.transcript.of("bash")[1]["exit_code"]) == (True, None)


def test_a_timeout_is_at_most_what_the_settings_allow(hands: Hands) -> None:
    hands.change(tool_timeout_most=0.3)
    assert "not done after 0.3 seconds" in hands.bash("kill -STOP $$", timeout=600)


def test_a_command_dies_with_the_agents_time_and_what_it_printed_is_on_record(hands: Hands, sandbox: Sandbox) -> None:
    hands.limit(wall_seconds=2)
    with pytest.raises(LimitReached):
        hands.bash("echo begun; sleep 662")
    assert not running(sandbox, "sleep 662")
    assert hands.last("bash")["output"].startswith("begun\n")
    with pytest.raises(LimitReached):
        hands.bash("echo more")


def test_the_last_action_that_is_allowed_is_done(hands: Hands) -> None:
    hands.limit(actions=1)
    assert hands.bash("sleep 0.2; echo done") == "done\n"
    with pytest.raises(LimitReached):
        hands.bash("echo more")


def test_a_megabyte_is_cut_in_the_middle(hands: Hands) -> None:
    shown = hands.bash("seq 200000")
    assert shown.startswith("1\n2\n3\n")
    assert shown.endswith("199999\n200000\n")
    dropped = sum(len(f"{number}\n") for number in range(1, 200_001)) - 16 * 1024
    assert f"\n[... {dropped} bytes dropped ...]\n" in shown
    assert (hands.last("bash")["dropped"], hands.last("bash")["output"]) == (dropped, shown)


def test_bytes_that_are_no_text_are_shown_as_such(hands: Hands) -> None:
    assert hands.bash(r"printf 'a\0b\xffc\r\nd'; head -c 100000 /dev/urandom >/dev/null") == "a\ufffdb\ufffdc\r\nd"
    assert "ended" not in hands.bash("head -c 300000 /dev/urandom")
    assert hands.bash("echo $'\\u00e9' é 日") == "é é 日\n"


def test_no_output_can_be_taken_for_the_end(hands: Hands) -> None:
    shown = hands.bash("set -x; set; env; export -p; tr '\\0' ' ' </proc/$$/cmdline; set +x")
    assert "builtin printf" not in shown
    assert hands.bash(r"printf '\0%032d 0\0' 0; echo all") == f"\ufffd{'0' * 32} 0\ufffdall\n"


def test_a_background_job_that_prints_on_goes_to_the_commands_that_follow(hands: Hands) -> None:
    hands.bash("(for n in 1 2 3; do sleep 0.1; echo line $n; done) &")
    shown = "".join(hands.bash("sleep 0.3") for _ in range(3))
    assert [line for line in shown.splitlines() if "line" in line] == ["line 1", "line 2", "line 3"]


def test_a_job_that_prints_without_end_keeps_no_command_from_its_end(hands: Hands) -> None:
    hands.bash("(while true; do echo flood; done) &")
    for _ in range(3):
        assert "flood" in hands.bash("sleep 0.2; echo here")
        assert hands.last("bash")["exit_code"] == 0


def test_what_is_left_running_lives_on_when_the_run_ends(hands: Hands, sandbox: Sandbox) -> None:
    hands.bash("sleep 663 &")
    hands.change()
    assert running(sandbox, "sleep 663")
