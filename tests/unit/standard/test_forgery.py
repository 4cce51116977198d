"""Programs that a family starts, as root and by mistake, give themselves no score."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from pytest_metr.errors import TaskError
from pytest_metr.standard import Lifecycle, TaskData

from .local import LocalSandbox, sandbox_with, spec

HEAD = """
import atexit, json, os, pathlib, subprocess, sys
class TaskFamily:
    def get_tasks(): return {"first": {}}
"""
CAN_TRACE = (
    int(Path("/proc/self/status").read_text().split("CapEff:")[1].split()[0], 16) >> 19 & 1
    if (sys.platform == "linux")
    else 1
)
LOOK = """
import os
try:
    open(f"/proc/{os.getppid()}/mem", "rb").close()
    print("readable")
except PermissionError:
    print("closed")
"""


def run_of(tmp_path: Path, methods: str) -> tuple[Lifecycle, LocalSandbox]:
    sandbox = sandbox_with(tmp_path, HEAD + methods)
    return Lifecycle(sandbox, spec(), TaskData(has_score=True), secrets={}), sandbox


@pytest.mark.parametrize("data", [{"value": 1.0, "type": "float"}, {}, [], "x"])
@pytest.mark.parametrize("seal", ["", "0" * 64 + "\n"])
def test_a_reply_that_somebody_else_wrote_is_no_reply(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: object, seal: str
) -> None:
    run, sandbox = run_of(tmp_path, "    def score(t, submission): return 0.0\n")
    read = sandbox.read_file

    def overwritten(path: str, **options: object) -> bytes:
        assert read(path)
        return (seal + json.dumps(data)).encode()

    monkeypatch.setattr(sandbox, "read_file", overwritten)
    with pytest.raises(TaskError, match="score: ended with exit code 0 and left a reply that is not its own") as caught:
        run.final_score("")
    assert caught.value.cause == "task_score"


def test_a_reply_of_another_call_is_no_reply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, sandbox = run_of(tmp_path, "    def score(t, submission): return float(submission)\n")
    read, kept = sandbox.read_file, []

    def replayed(path: str, **options: object) -> bytes:
        kept.append(read(path))
        return kept[0]

    monkeypatch.setattr(sandbox, "read_file", replayed)
    assert run.final_score("1").score == 1
    with pytest.raises(TaskError, match="a reply that is not its own"):
        run.final_score("0")


def test_a_folder_that_is_there_already_gives_no_score(tmp_path: Path) -> None:
    methods = """
    def score(t, submission):
        frame = sys._getframe()
        while "request" not in frame.f_locals: frame = frame.f_back
        folder = pathlib.Path(frame.f_locals["request"]["result"])
        folder.mkdir()
        (folder / "result.json").write_text(json.dumps({"value": 1.0, "type": "float"}))
        return 0.0
    """
    with pytest.raises(TaskError, match="ended with exit code 1 and left a reply that is not its own"):
        run_of(tmp_path, methods)[0].final_score("")


def test_a_reply_counts_however_the_interpreter_ends_after_it(tmp_path: Path) -> None:
    methods = """
    def score(t, submission):
        atexit.register(os._exit, 7)
        return 0.5
    """
    found = run_of(tmp_path, methods)[0].final_score("")
    assert (found.score, found.output["exit_code"]) == (0.5, "7")


@pytest.mark.skipif(bool(CAN_TRACE), reason="this user may look into every process")
def test_a_program_cannot_look_into_the_process_that_scores_it(tmp_path: Path) -> None:
    methods = f"""
    def score(t, submission):
        print(subprocess.run([sys.executable, "-c", {LOOK!r}], capture_output=True, text=True).stdout)
        return 0.0
    """
    assert run_of(tmp_path, methods)[0].final_score("").output["stdout"].strip() == "closed"


@pytest.mark.parametrize(
    ("statement", "hinted"),
    [
        ("os.setuid(-1 % 2**32)", True),
        ("os.kill(os.getpid(), 4711)", False),
        ("raise OSError(22, 'setuid')", False),
        ("raise PermissionError(1, 'no')", False),
        ("os.unlink(sys.executable + '/..')", False),
    ],
)
@pytest.mark.skipif(os.path.isdir("/home/agent"), reason="this machine has the agent's home")  # noqa: PTH112 - once
def test_a_change_of_user_that_the_machine_refuses_is_told_with_a_hint(
    tmp_path: Path, statement: str, hinted: bool
) -> None:
    methods = f"""
    def score(t, submission):
        {statement}
    """
    with pytest.raises(TaskError) as caught:
        run_of(tmp_path, methods)[0].final_score("")
    assert ("says needs: [two_users] in its manifest)" in str(caught.value)) == hinted
