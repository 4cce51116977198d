"""Nothing is lost and nothing is left behind when something dies or is interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.plugin.project import NUMBERS, Project

#: Kills the process that makes the run of task "two" while its agent is at work.
DIES = """
import os, signal

def pytest_runtest_call(item):
    if item.name.startswith("two["):
        os.kill(os.getpid(), signal.SIGKILL)
"""
SLEEPS = {"numbers/one": "1", "numbers/three": "1"}


@pytest.fixture
def numbers(project: Project) -> Project:
    """Three tasks; the agent sleeps in the sandbox at task two."""
    project.family("numbers", tasks={"one": {}, "two": {}, "three": {}})
    project.agent("answers", SLEEPS)
    recording = json.loads((project.root / "agents" / "answers.json").read_text(encoding="utf-8"))
    recording["numbers/two"] = {"actions": [{"exec": ["sleep", "600"]}], "submission": ""}
    (project.root / "agents" / "answers.json").write_text(json.dumps(recording), encoding="utf-8")
    return project


def left_behind(project: Project) -> list[str]:
    """Return folders and processes of sandboxes that are still there, giving them some seconds to go."""
    scratch = Path(project.environment["TMPDIR"])
    deadline = time.monotonic() + 20
    while True:
        found = [str(p) for p in scratch.glob("pytest-metr-*")]
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    command = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
                except OSError:
                    continue  # it has ended meanwhile
                if str(scratch) in command:
                    found.append(f"{entry.name}: {command}")
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
        found += [line for line in mounts.splitlines() if str(scratch) in line]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


def wait_for(path: Path, text: str = "", *, seconds: float = 60) -> None:
    """Wait until a file is there and holds a text."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if path.exists() and text in path.read_text(encoding="utf-8", errors="replace"):
            return
        time.sleep(0.05)
    pytest.fail(f"no {text!r} in {path} after {seconds} s")


def test_a_worker_that_dies_takes_no_run_with_it(numbers: Project) -> None:
    (numbers.root / "conftest.py").write_text(DIES, encoding="utf-8")
    result = numbers.run("-n", "2", agent="answers")
    assert result.status == 1, result.output
    runs = numbers.runs()
    assert {nodeid.split("::")[1]: (run["status"], run["score"]) for nodeid, run in runs.items()} == {
        "one[run1]": ("scored", 1.0),
        "three[run1]": ("scored", 1.0),
        "two[run1]": ("infra_error", None),
    }
    assert runs["tasks/numbers/numbers.py::two[run1]"]["failure"]["cause"] == "worker_crashed"
    assert left_behind(numbers) == []


@pytest.mark.parametrize("workers", ["0", "2"])
def test_sigkill_leaves_a_journal_with_every_finished_run(numbers: Project, workers: str) -> None:
    options = ("tasks", "--agent=answers", f"--metr-out={numbers.out}", "-n", workers, "--metr-runs=2")
    with numbers.start(*options) as process:
        wait_for(numbers.out / "journal.jsonl", '"numbers.three.answers.run1"')
        wait_for(numbers.out / "transcripts" / "numbers.two.answers.run1.jsonl", '"task"')
        if workers == "0":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
    assert {"numbers.one.answers.run1", "numbers.three.answers.run1"} <= {run["run_id"] for run in numbers.journal()}
    assert not (numbers.out / "report.json").exists()
    command = [sys.executable, "-m", "pytest_metr", "recover", str(numbers.out)]
    recovered = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "overall score 1.0" in recovered.stdout
    statuses = {run["run_id"]: run["status"] for run in numbers.report()["runs"]}
    assert statuses["numbers.one.answers.run1"] == "scored"
    assert statuses["numbers.two.answers.run1"] == "not_run"
    assert left_behind(numbers) == []


@pytest.mark.parametrize("workers", ["0", "2"])
def test_an_interrupted_session_reports_what_is_done_and_what_is_not(numbers: Project, workers: str) -> None:
    with numbers.start("tasks", "--agent=answers", f"--metr-out={numbers.out}", "-n", workers) as process:
        wait_for(numbers.out / "journal.jsonl", '"numbers.one.answers.run1"')
        wait_for(numbers.out / "transcripts" / "numbers.two.answers.run1.jsonl", '"task"')
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does at Ctrl-C
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 2, output
    assert "METR" in output
    runs = {run["run_id"]: run for run in numbers.report()["runs"]}
    assert runs["numbers.one.answers.run1"]["score"] == 1.0
    assert runs["numbers.two.answers.run1"]["status"] == "not_run"
    assert "interrupt" in runs["numbers.two.answers.run1"]["failure"]["message"]
    assert left_behind(numbers) == []


def test_after_a_session_nothing_is_left(project: Project) -> None:
    server = """
    @staticmethod
    def start(t):
        import subprocess
        subprocess.Popen(["sleep", "600"], start_new_session=True)
"""
    project.family("numbers", NUMBERS + server, tasks={"one": {}, "two": {}})
    assert project.run("-n", "2").status == 1
    assert left_behind(project) == []


def test_the_time_limit_ends_a_run_and_says_so(numbers: Project) -> None:
    result = numbers.run("-k", "two", "--metr-time-limit=1", agent="answers")
    result.lines("limit reached: wall_seconds 1")
    run = numbers.report()["runs"][0]
    assert (run["status"], run["score"]) == ("limit", 0.0)
    assert run["limit_hit"] == {"name": "wall_seconds", "allowed": 1.0}


def test_a_transcript_tells_what_happened(numbers: Project) -> None:
    numbers.run("-k", "two", "--metr-time-limit=1", agent="answers")
    run = numbers.report()["runs"][0]
    lines = (numbers.out / run["transcript"]).read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["kind"] for event in events][:2] == ["run", "task"]
    assert {"exec", "limit"} <= {event["kind"] for event in events}
