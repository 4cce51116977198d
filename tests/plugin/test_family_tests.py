"""``--metr-family-tests``: the tests that families bring with them, in METR's form."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from tests.plugin.project import Project

WORKERS = pytest.mark.parametrize("workers", ["0", "2"])
TASKS: dict[str, Any] = {name: {"meta": {"human_minutes": 3, "split": "dev"}} for name in ("one", "two")}

FAMILY = """
import os
from pathlib import Path


class TaskFamily:
    required_environment_variables = ["NEEDED"]

    @staticmethod
    def get_tasks():
        return {name: {"name": name} for name in ["one", "two"]}

    @staticmethod
    def start(t):
        Path("/home/agent/started").write_text(t["name"])

    @staticmethod
    def score(t, submission):
        return float(submission == t["name"])

    @staticmethod
    def teardown(t):
        print("torn down")
"""
TESTS = """
import os
from pathlib import Path

import pytest
from numbers_family import TaskFamily


def test_fixtures(task_family, task_family_name, task_name, task):
    assert task_family.get_tasks()[task_name] == task == {"name": task_name}
    assert task_family is TaskFamily
    assert task_family_name == "numbers_family"


def test_the_task_has_been_started(task_name):
    assert Path("/home/agent/started").read_text() == task_name
    assert Path.cwd() == Path("/root")
    assert os.environ["NEEDED"] == "it is"
    assert "OTHER" not in os.environ


@pytest.mark.parametrize("submission, expected", [("one", 1.0), ("", 0.0)])
def test_score(task_family, task_name, task, submission, expected):
    if task_name != "one":
        pytest.skip("only one")
    assert task_family.score(task, submission) == expected
"""


@pytest.fixture
def tested(project: Project) -> Project:
    """A family with its own tests, and the secret that it needs."""
    family = project.family("numbers_family", FAMILY, tasks=TASKS)
    (family / "numbers_family_test.py").write_text(TESTS, encoding="utf-8")
    (project.root / "secrets.env").write_text("NEEDED=it is\nOTHER=not yours\n", encoding="utf-8")
    return project


def run(project: Project, *arguments: str) -> Any:
    return project.pytest("tasks", "--metr-family-tests", "--metr-env-file=secrets.env", *arguments)


@WORKERS
def test_they_run_in_the_sandbox_of_each_task(tested: Project, workers: str) -> None:
    result = run(tested, "-n", workers, "--junitxml=junit.xml")
    assert result.status == 0, result.output
    result.lines("2 passed")
    cases = ET.parse(tested.root / "junit.xml").getroot().findall(".//testcase")
    found = {case.get("name"): [p.get("value") for p in case.findall(".//property")] for case in cases}
    assert found == {"one[family_tests]": ["4 passed"], "two[family_tests]": ["2 passed, 2 skipped"]}
    # No agent is under test, so there is nothing to keep.
    assert not (tested.root / "metr-runs").exists()


@WORKERS
def test_one_that_fails_is_shown_as_pytest_shows_it(tested: Project, workers: str) -> None:
    file = tested.root / "tasks" / "numbers_family" / "numbers_family_test.py"
    file.write_text(f"{TESTS}\n\ndef test_wrong(task_name):\n    assert task_name == 'one'\n", encoding="utf-8")
    result = run(tested, "-n", workers)
    assert result.status == 1
    result.lines("1 failed, 1 passed", "the family's own tests: 2 passed, 2 skipped, 1 failed; pytest ended with 1")
    result.lines("AssertionError: assert 'two' == 'one'")


@pytest.mark.parametrize(
    ("tests", "line"),
    [
        ("", "the family's own tests: there are no tests"),
        ("import pytest\n\ndef test_it():\n    pytest.skip('no')\n", "no test has passed: 1 skipped"),
        ("import no_such_module\n", "the family's own tests: 1 error; pytest ended with 2"),
        ("def test_it(no_such_fixture):\n    pass\n", "the family's own tests: 1 error; pytest ended with 1"),
        ("import os\n\ndef test_it():\n    os._exit(0)\n", "own_tests: ended with exit code 0 and returned nothing"),
    ],
)
def test_what_is_no_success(tested: Project, tests: str, line: str) -> None:
    (tested.root / "tasks" / "numbers_family" / "numbers_family_test.py").write_text(tests, encoding="utf-8")
    result = run(tested, "-k", "one")
    assert result.status == 1
    result.lines(line)


def test_a_task_that_does_not_start_is_an_error(tested: Project) -> None:
    file = tested.root / "tasks" / "numbers_family" / "numbers_family.py"
    broken = FAMILY.replace('Path("/home/agent/started").write_text(t["name"])', 'raise RuntimeError("dry")')
    file.write_text(broken, encoding="utf-8")
    result = run(tested, "-k", "one")
    assert result.status == 1
    result.lines("1 error", "numbers_family.py: start: raised RuntimeError: dry")


def test_a_family_without_tests_is_seen_to_have_none(project: Project) -> None:
    project.family("numbers_family", FAMILY, tasks=TASKS)
    result = project.pytest("tasks", "--metr-family-tests", "-rs")
    result.lines("1 skipped", "the family has no numbers_family_test.py")


def test_they_are_listed_without_a_sandbox(tested: Project) -> None:
    result = tested.pytest("tasks", "--metr-family-tests", "--collect-only", "-q", "-m", "few_minutes")
    assert result.collected() == [
        "tasks/numbers_family/numbers_family.py::one[family_tests]",
        "tasks/numbers_family/numbers_family.py::two[family_tests]",
    ]
