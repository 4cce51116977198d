"""A session's folder has one owner at a time, also where processes die in any way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.ownership import SessionLock, is_held

HOLDS = """
import sys, subprocess, time
from pathlib import Path
from pytest_metr.ownership import SessionLock
lock = SessionLock.share(Path(sys.argv[1]))
child = subprocess.Popen(["sleep", "60"])  # a program of a sandbox, say, which lives on when we are killed
print(child.pid, flush=True)
time.sleep(60)
"""
#: A parent that ends while its child, which has no time to look up, watches it.
WATCHES = """
import os, subprocess, sys
child = '''
import os, sys, time
from pytest_metr.ownership import die_with_parent
die_with_parent(int(sys.argv[1]))
print(os.getpid(), flush=True)
time.sleep(60)
'''
process = subprocess.Popen([sys.executable, "-c", child, str(os.getpid())], stdout=subprocess.PIPE, text=True)
print(process.stdout.readline().strip(), flush=True)
os._exit(0)
"""


def nobody_waits(line: str) -> None:
    """Take a line that must not come."""
    raise AssertionError(line)


@contextmanager
def a_holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that holds the folder, until it is killed."""
    process = subprocess.Popen([sys.executable, "-c", HOLDS, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        os.kill(child, 9)


def test_those_of_one_session_share_its_folder_and_nobody_else_gets_it(tmp_path: Path) -> None:
    first, second = SessionLock.share(tmp_path), SessionLock.share(tmp_path)
    told: list[str] = []
    with pytest.raises(UsageMistake, match=r"is still running; expected a session that has ended"):
        SessionLock.take_over(tmp_path, tell=told.append, patience=0.2)
    assert told == ["waiting up to 0.2 s for earlier processes of the session to end"]
    first.close()
    second.close()
    second.close()
    third = SessionLock.take_over(tmp_path, tell=nobody_waits)
    fourth = SessionLock.share(tmp_path)  # a worker of the new session
    with pytest.raises(UsageMistake, match=f"is still running \\(process {os.getpid()} on "):
        SessionLock.take_over(tmp_path, tell=told.append, patience=0)
    third.close()
    fourth.close()


def test_the_death_of_a_process_gives_the_folder_back_although_programs_of_its_live_on(tmp_path: Path) -> None:
    with a_holder(tmp_path) as process:
        told: list[str] = []
        with pytest.raises(UsageMistake, match="is still running"):
            SessionLock.take_over(tmp_path, tell=told.append, patience=0.2)
        process.kill()
        process.wait()
        SessionLock.take_over(tmp_path, tell=nobody_waits).close()


def test_whoever_looks_on_sees_that_a_folder_is_held_and_takes_it_from_nobody(tmp_path: Path) -> None:
    assert is_held(tmp_path) is False  # no session has been there
    with a_holder(tmp_path) as process:
        assert is_held(tmp_path) is True
        SessionLock.share(tmp_path).close()
        process.kill()
        process.wait()
        assert is_held(tmp_path) is False
    SessionLock.take_over(tmp_path, tell=nobody_waits).close()
    (tmp_path / "lock").unlink()
    (tmp_path / "lock").mkdir()
    assert is_held(tmp_path) is None


def test_a_process_whose_parent_has_ended_ends_too() -> None:
    done = subprocess.run([sys.executable, "-c", WATCHES], capture_output=True, text=True, check=True, timeout=60)
    child = Path(f"/proc/{int(done.stdout)}/stat")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and child.exists() and child.read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.1)
    assert time.monotonic() < deadline
