"""What people see of a session while it runs, in its terminal and from another shell."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_metr.status import session_view
from tests.plugin.project import Project, Result
from tests.waiting import becomes_true

#: A block's head, and its line for a run that does something.
HEAD = re.compile(r"^metr 0:0\d:\d\d  \d of 3 done.*, \d running, \d waiting", re.MULTILINE)
LINE = re.compile(
    r"^  0:\d\d  agent  numbers/two\[run1\]  1 action  0:\d\d ago  exec: sleep \d # \[secret TOKEN\]$", re.MULTILINE
)
#: What pytest shows of items without -v.
LETTERS = re.compile(r"^(?:tasks/numbers/numbers.py )?([.F]+)(?: +\[ *\d+%\])?$")
SECRET = "what-nobody-may-see"


@pytest.fixture
def numbers(project: Project) -> Project:
    """Three tasks; at task two the agent sleeps for a while, and tells a secret."""
    project.family("numbers", tasks={"one": {}, "two": {}, "three": {}})
    project.agent("answers", {"numbers/one": "1", "numbers/three": "0"})
    sleeps(project, 4)
    (project.root / "secrets.env").write_text(f"TOKEN={SECRET}\n", encoding="utf-8")
    return project


def sleeps(project: Project, seconds: int) -> None:
    """Say how long the agent sleeps at task two."""
    file = project.root / "agents" / "answers.json"
    recording = json.loads(file.read_text(encoding="utf-8"))
    action = {"exec": ["bash", "-c", f"sleep {seconds} # {SECRET}"]}
    recording["numbers/two"] = {"actions": [action], "submission": "1"}
    file.write_text(json.dumps(recording), encoding="utf-8")


def command(*arguments: str | Path) -> Result:
    """Run ``pytest-metr``."""
    argv = [sys.executable, "-m", "pytest_metr", *map(str, arguments)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    return Result(done.returncode, done.stdout + done.stderr)


def is_at_work(project: Project) -> bool:
    """Whether the agent is seen to sleep at task two, and nobody else is seen to work."""
    if not (project.out / "journal.jsonl").exists():
        return False
    view = session_view(project.out)
    return [hand.run.task_id for hand in view.in_hand if "sleep" in hand.run.last_action] == ["numbers/two"] and (
        view.running == 1
    )


OPTIONS = ("--metr-env-file=secrets.env", "--metr-progress=0.4")


@pytest.mark.parametrize("how", [("-n", "0"), ("-n", "0", "-v"), ("-n", "2", "-q", "-s")], ids=" ".join)
def test_the_terminal_shows_how_far_the_session_is_and_what_each_run_does(numbers: Project, how: list[str]) -> None:
    result = numbers.run(*OPTIONS, *how, agent="answers")
    assert result.status == 1
    assert HEAD.search(result.output), result.output
    assert LINE.search(result.output), result.output
    assert SECRET not in result.output
    assert not (numbers.out / "status").exists()
    shown = result.output.partition("FAILURES")[0].splitlines()
    blocks = [line for line in shown if "metr 0:" in line or "  agent  " in line]
    assert all(HEAD.match(line) or re.match(r"^  0:\d\d  agent  numbers/", line) for line in blocks), result.output
    # Pytest's own words stand on lines of their own, and all of them are there.
    if "-v" in how:
        words = [line.split()[1] for line in shown if re.match(r"tasks/numbers/numbers.py::\w+\[run1\] [A-Z]", line)]
        assert words == ["PASSED", "FAILED", "PASSED"], result.output
    else:
        letters = "".join(found[1] for line in shown if (found := LETTERS.match(line)))
        assert sorted(letters) == [".", ".", "F"], result.output


def test_without_a_terminal_or_a_period_nothing_is_shown(numbers: Project) -> None:
    silent = numbers.run("--metr-env-file=secrets.env", "--metr-progress=0", agent="answers")
    assert (silent.status, HEAD.search(silent.output)) == (1, None)
    refused = numbers.pytest("tasks", "--agent=answers", "--metr-progress=often")
    refused.lines("--metr-progress: expected 0 or a number of seconds above 0, found 'often'")
    assert refused.status == 4


@pytest.mark.parametrize("workers", ["0", "2"])
def test_another_shell_sees_a_session_run_and_die_and_end(numbers: Project, workers: str) -> None:
    sleeps(numbers, 600)
    options = ("tasks", "--agent=answers", "-n", workers, "--metr-env-file=secrets.env")
    with numbers.start(*options, f"--metr-out={numbers.out}") as process:
        assert becomes_true(lambda: is_at_work(numbers))
        seen = numbers.pytest("--metr-status", str(numbers.out), "-n", workers)
        assert seen.status == 0
        assert re.match(r"metr 0:0\d:\d\d  \d of 3 done.*, 1 running, \d waiting\n  0:\d\d  agent  ", seen.output)
        assert SECRET not in seen.output
        if workers == "0":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        assert becomes_true(lambda: session_view(numbers.out).state == "died")  # with the last of its workers
    died = command("status", numbers.out)
    assert died.status == 0
    process_name = "main" if workers == "0" else r"gw\d"
    assert re.search(
        rf"  died: \d of 3 done.*\n  0:\d\d  died  numbers/two.* {process_name} died in phase ", died.output
    )
    sleeps(numbers, 0)
    again = numbers.pytest(*options, f"--metr-resume={numbers.out}", "--metr-resume-anyway")
    assert again.status == 1, again.output
    ended = command("status", numbers.out)
    assert ended.status == 0
    counts = r"3 of 3 done \(2 passed, 1 failed; \d kept from before\), 1 retried"
    assert re.match(rf"metr 0:0\d:\d\d  ended, failures: {counts}\n$", ended.output), ended.output


def test_of_a_folder_that_is_no_session_one_line_says_so(numbers: Project) -> None:
    told = "tasks: expected the folder of a session, with its journal.jsonl"
    by_pytest = numbers.pytest("--metr-status", "tasks")
    assert by_pytest.status == 4
    by_pytest.lines(told)
    by_command = command("status", numbers.root / "tasks")
    assert (by_command.status, by_command.output) == (4, f"pytest-metr: {numbers.root / told}\n")
