"""The fixtures in a person's own tests."""

from __future__ import annotations

from tests.plugin.project import Project

OWN_TESTS = """
import pytest

pytestmark = pytest.mark.metr_task("tasks/numbers", name="one")


def test_the_agent_is_scored(task, sandbox, agent, run_record):
    record = run_record.attempt(agent)
    assert task.id == "numbers/one"
    assert record.score == 1.0
    assert sandbox.exec(["id", "-u"]).out.strip() == "1000"


def test_a_sandbox_alone(sandbox):
    sandbox.write_file("/home/agent/note", b"hello", user="agent")
    assert sandbox.read_file("/home/agent/note") == b"hello"
"""


def test_a_persons_own_test_uses_the_fixtures(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    project.agent("answers", {"numbers/one": "1"})
    (project.root / "test_own.py").write_text(OWN_TESTS, encoding="utf-8")
    for workers in ("0", "2"):
        result = project.pytest("test_own.py", "--agent=answers", f"--metr-out={project.out}", "-n", workers)
        assert result.status == 0, result.output
        run = project.runs()["test_own.py::test_the_agent_is_scored"]
        assert (run["status"], run["score"]) == ("scored", 1.0)
        assert len(project.runs()) == 1  # a test that asks for no attempt is no planned run
        project.out = project.root / "again"


def test_a_test_that_names_no_task_says_what_is_expected(project: Project) -> None:
    (project.root / "test_own.py").write_text("def test_it(sandbox):\n    pass\n", encoding="utf-8")
    result = project.pytest("test_own.py", "--agent=noop")
    assert result.status == 1
    result.lines("test_own.py::test_it: expected the mark metr_task(folder, name)")


def test_a_persons_test_without_an_agent_says_so(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    (project.root / "test_own.py").write_text(OWN_TESTS, encoding="utf-8")
    result = project.pytest("test_own.py")
    assert result.status == 1
    result.lines("--agent: expected the agent under test")
