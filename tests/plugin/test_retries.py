"""Infrastructure that fails is tried again, each failed try stays on record, and an agent gains nothing by failing."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import pytest

from tests.plugin.project import NUMBERS, Project
from tests.plugin.test_dying import left_behind, wait_for

WORKERS = pytest.mark.parametrize("workers", ["0", "2"])
#: An agent whose machine, or whatever CAUSE says, fails under its hands the first FAILS times at task "two".
FLAKY = """
import os
from pathlib import Path
from pytest_metr.agent import AgentKind
from pytest_metr.errors import InfrastructureError

class Flaky:
    def __init__(self, spec):
        self.seen = 0

    def run(self, workspace):
        assert self.seen == 0, "a try has a fresh agent"
        self.seen += 1
        workspace.exec(["sh", "-c", "ls; touch been-here"])
        begun = Path("begun")
        with begun.open("a") as file:
            file.write(workspace.task_id + "\\n")
        if workspace.task_id.endswith("two") and begun.read_text().count("two") <= FAILS:
            raise InfrastructureError("it went away", cause=CAUSE)
        return "1"

def pytest_metr_agent_kinds():
    return [AgentKind(name="flaky", check=lambda fields: {}, make=Flaky, needs_file=False)]
"""
DIES_ONCE = """
import os, signal
from pathlib import Path

def pytest_runtest_WHEN(item):
    died = Path("died")
    if item.name.startswith("two[") and not died.exists():
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def numbers(project: Project) -> Project:
    project.family("numbers", tasks={"one": {}, "two": {}, "three": {}})
    return project


def flaky(project: Project, fails: int, cause: str = "sandbox") -> None:
    source = f"FAILS, CAUSE = {fails}, {cause!r}\n{FLAKY}"
    (project.root / "conftest.py").write_text(source, encoding="utf-8")


def begun(project: Project) -> int:
    """Return how often an agent has begun with task two."""
    return (project.root / "begun").read_text(encoding="utf-8").count("two")


def two(project: Project) -> dict[str, Any]:
    return project.runs()["tasks/numbers/numbers.py::two[run1]"]


def lines(project: Project, kind: str) -> list[dict[str, Any]]:
    text = (project.out / "journal.jsonl").read_text(encoding="utf-8")
    return [line for line in map(json.loads, text.splitlines()) if line["kind"] == kind]


@WORKERS
def test_a_run_whose_sandbox_fails_is_made_again_from_the_beginning(numbers: Project, workers: str) -> None:
    flaky(numbers, fails=2)
    result = numbers.run("-n", workers, agent="flaky")
    assert result.status == 0, result.output
    result.lines("tries: 2 more tries at 1 run came to nothing (sandbox 2)")
    run = two(numbers)
    assert (run["status"], run["score"], run["transcript"]) == (
        "scored",
        1.0,
        "transcripts/numbers.two.flaky.run1.try3.jsonl",
    )
    assert [(failed["cause"], failed["message"]) for failed in run["failed_tries"]] == [("sandbox", "it went away")] * 2
    assert [failed["transcript"] for failed in run["failed_tries"]] == [
        "transcripts/numbers.two.flaky.run1.jsonl",
        "transcripts/numbers.two.flaky.run1.try2.jsonl",
    ]
    assert [line["try"] for line in lines(numbers, "try")] == [1, 2]
    assert run["usage"]["actions"] == 1
    for number in ("", ".try2", ".try3"):  # each in a sandbox in which nobody has been before
        transcript = numbers.out / "transcripts" / f"numbers.two.flaky.run1{number}.jsonl"
        events = [json.loads(line) for line in transcript.read_text(encoding="utf-8").splitlines()]
        assert next(event["stdout"] for event in events if event["kind"] == "exec").strip() == ""
    assert left_behind(numbers) == []


@pytest.mark.parametrize(
    ("option", "cause", "times"),
    [
        ([], "sandbox", 3),
        (["--metr-infra-retries=1"], "daemon", 2),
        (["--metr-infra-retries=0"], "sandbox", 1),
        ([], "out_of_memory", 1),
        ([], "task_score", 1),
    ],
)
def test_a_run_that_goes_on_failing_is_an_error_and_some_failures_are_not_tried_again(
    numbers: Project, option: list[str], cause: str, times: int
) -> None:
    flaky(numbers, fails=9, cause=cause)
    result = numbers.run(*option, "-k", "two", agent="flaky")
    assert result.status == 1
    result.lines("it went away", "1 infrastructure error")
    run = two(numbers)
    assert (run["status"], run["failure"]["cause"], run["score"]) == ("infra_error", cause, None)
    assert len(run["failed_tries"]) == times - 1
    assert begun(numbers) == times


def test_a_task_that_cannot_be_scored_is_not_tried_again(project: Project) -> None:
    project.family("numbers", NUMBERS.replace('print("scoring", t["name"])', "raise OSError"), tasks={"two": {}})
    flaky(project, fails=0)
    assert project.run(agent="flaky").status == 1
    assert (two(project)["failure"]["cause"], two(project)["failed_tries"], begun(project)) == ("task_score", [], 1)


def test_a_start_that_fails_is_tried_again_before_any_agent_has_begun(project: Project) -> None:
    start = "\n    @staticmethod\n    def start(t):\n        raise OSError('no')\n"
    project.family("numbers", NUMBERS + start, tasks={"two": {}})
    flaky(project, fails=0)
    assert project.run(agent="flaky").status == 1
    run = two(project)
    assert [failed["cause"] for failed in run["failed_tries"]] == ["task_start"] * 2
    assert (run["status"], run["failure"]["cause"]) == ("infra_error", "task_start")
    assert not (project.root / "begun").exists()


def test_a_persons_own_test_is_not_begun_again(project: Project) -> None:
    project.family("numbers", tasks={"two": {}})
    flaky(project, fails=1)
    own = "import pytest\n@pytest.mark.metr_task('tasks/numbers', 'two')\n"
    own += "def test_own(sandbox, agent, run_record):\n    run_record.attempt(agent)\n"
    (project.root / "test_own.py").write_text(own, encoding="utf-8")
    result = project.pytest("test_own.py", "--agent=flaky", f"--metr-out={project.out}")
    assert result.status == 1
    assert begun(project) == 1
    assert lines(project, "try") == []


def test_ctrl_c_while_it_waits_ends_the_session_at_once(numbers: Project) -> None:
    flaky(numbers, fails=9)
    slowly = ("-o", "metr_infra_backoff=600")
    with numbers.start("tasks", "-k", "two", "--agent=flaky", f"--metr-out={numbers.out}", *slowly) as process:
        wait_for(numbers.out / "journal.jsonl", '"kind": "try"')
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 2, output
    run = two(numbers)
    assert (run["status"], run["failure"]["cause"]) == ("not_run", "interrupted")
    assert [failed["cause"] for failed in run["failed_tries"]] == ["sandbox"]
    assert left_behind(numbers) == []


@pytest.mark.parametrize("dist", ["load", "loadscope"])
def test_the_run_of_a_worker_that_died_is_made_by_another_and_is_no_failure(numbers: Project, dist: str) -> None:
    numbers.agent("answers", {f"numbers/{name}": "1" for name in ("one", "two", "three")})
    (numbers.root / "conftest.py").write_text(DIES_ONCE.replace("WHEN", "call"), encoding="utf-8")
    result = numbers.run("-n", "2", f"--dist={dist}", "-v", "--junitxml=j.xml", agent="answers")
    assert result.status == 0, result.output
    result.lines("TRIED AGAIN", "3 passed", "1 tried again")
    assert 'failures="0"' in (numbers.root / "j.xml").read_text(encoding="utf-8")
    run = two(numbers)
    assert (run["status"], run["score"]) == ("scored", 1.0)
    assert [failed["cause"] for failed in run["failed_tries"]] == ["worker_crashed"]
    assert [line["run_id"] for line in lines(numbers, "run")].count(run["run_id"]) == 1
    assert left_behind(numbers) == []


def test_a_worker_that_dies_after_the_outcome_is_known_leaves_one_record_and_an_error(numbers: Project) -> None:
    numbers.agent("answers", {f"numbers/{name}": "1" for name in ("one", "two", "three")})
    (numbers.root / "conftest.py").write_text(DIES_ONCE.replace("WHEN", "teardown"), encoding="utf-8")
    result = numbers.run("-n", "2", agent="answers")
    assert result.status == 1, result.output
    result.lines("3 passed, 1 error", "whether it was")
    run = two(numbers)
    assert (run["status"], run["score"], run["failed_tries"]) == ("scored", 1.0, [])
    assert [line["run_id"] for line in lines(numbers, "run")].count(run["run_id"]) == 1


@pytest.mark.parametrize("options", [["--max-worker-restart=0"], ["--dist=loadscope", "--max-worker-restart=9"]])
def test_a_run_that_kills_its_workers_is_an_error_of_the_session(numbers: Project, options: list[str]) -> None:
    always = DIES_ONCE.replace("WHEN", "call").replace("and not died.exists()", "")
    (numbers.root / "conftest.py").write_text(always, encoding="utf-8")
    numbers.agent("answers", {f"numbers/{name}": "1" for name in ("one", "two", "three")})
    result = numbers.run("-n", "2", *options, "-k", "two", agent="answers")
    assert result.status == 1, result.output
    run = two(numbers)
    assert (run["status"], run["failure"]["cause"], run["score"]) == ("infra_error", "worker_crashed", None)
    assert len(run["failed_tries"]) == (0 if "--max-worker-restart=0" in options else 2)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--metr-infra-retries=-1"], "--metr-infra-retries: expected a whole number of at least 0, found '-1'"),
        (["-o", "metr_infra_backoff=1 soon"], "metr_infra_backoff: expected seconds, 0 or more each, found 'soon'"),
    ],
)
def test_mistakes_are_told_in_a_line(numbers: Project, options: list[str], told: str) -> None:
    result = numbers.run(*options)
    assert result.status == 4
    result.lines(told)
    assert not numbers.out.exists()


@pytest.mark.parametrize(("workers", "whole_group"), [("0", False), ("2", False), ("2", True)])
def test_sigterm_ends_a_session_as_ctrl_c_does(project: Project, workers: str, whole_group: bool) -> None:
    teardown = "\n    @staticmethod\n    def teardown(t):\n        raise OSError('torn down')\n"
    project.family("numbers", NUMBERS + teardown, tasks={"one": {}, "two": {}})
    project.agent("sleeper", {"numbers/one": "1", "numbers/two": "1"})
    recording = project.root / "agents" / "sleeper.json"
    recording.write_text(recording.read_text(encoding="utf-8").replace("[]", '[{"exec": ["sleep", "600"]}]'))
    with project.start("tasks", "--agent=sleeper", f"--metr-out={project.out}", "-n", workers) as process:
        wait_for(project.out / "transcripts" / "numbers.one.sleeper.run1.jsonl", '"start"')
        if whole_group:
            os.killpg(process.pid, signal.SIGTERM)
        else:
            process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 2, output
    run = project.runs()["tasks/numbers/numbers.py::one[run1]"]
    assert (run["status"], run["failure"]["cause"]) == ("not_run", "interrupted")
    assert "METR" in output
    assert any("torn down" in line["message"] for line in lines(project, "teardown_error"))
    assert left_behind(project) == []
