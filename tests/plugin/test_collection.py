"""Families are collected into items without being imported, and selected as any test is."""

from __future__ import annotations

import pytest

from tests.plugin.project import NUMBERS, Project

TRAP = "raise SystemExit('this file was imported into the test process')\n"


@pytest.fixture
def numbers(project: Project) -> Project:
    """A repository with one family of three tasks that the manifest names."""
    meta = {"human_minutes": 3, "domains": ["software engineering"], "split": "dev", "internet": False}
    tasks = {
        "one": {"meta": meta},
        "two": {"meta": {**meta, "human_minutes": 50, "domains": ["cybersecurity"], "split": "test"}},
        "three": {},
    }
    project.family("numbers", tasks=tasks)
    return project


def test_each_task_is_an_item_with_a_sorted_stable_id(numbers: Project) -> None:
    result = numbers.pytest("tasks", "--collect-only", "-q")
    assert result.status == 0
    assert result.collected() == [f"tasks/numbers/numbers.py::{name}[run1]" for name in ("one", "three", "two")]


def test_run_1_of_every_task_comes_before_any_run_2(numbers: Project) -> None:
    numbers.family("letters", tasks={"a": {}})
    ids = numbers.pytest("tasks", "--collect-only", "-q", "--metr-runs=2").collected()
    names = [nodeid.split("::")[1] for nodeid in ids]
    first = ["a[run1]", "one[run1]", "three[run1]", "two[run1]"]
    assert names == [*first, *[name.replace("run1", "run2") for name in first]]


def test_with_several_agents_the_agent_is_in_the_id(numbers: Project) -> None:
    ids = numbers.pytest("tasks", "--collect-only", "-q", "--agent=noop", "--agent=oracle", "-k", "one").collected()
    assert ids == [f"tasks/numbers/numbers.py::one[{agent}-run1]" for agent in ("noop", "oracle")]


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("tasks", "-m", "few_minutes"), ["one"]),
        (("tasks", "-m", "under_an_hour and cybersecurity"), ["two"]),
        (("tasks", "-m", "software_engineering"), ["one"]),
        (("tasks", "-m", "test"), ["two"]),
        (("tasks", "-m", "no_internet"), ["one", "two"]),
        (("tasks", "-k", "numbers and not three"), ["one", "two"]),
        (("tasks/numbers",), ["one", "three", "two"]),
        (("tasks/numbers/numbers.py",), ["one", "three", "two"]),
        (("tasks/numbers/numbers.py::two[run1]",), ["two"]),
    ],
)
def test_selection(numbers: Project, arguments: tuple[str, ...], names: list[str]) -> None:
    ids = numbers.pytest(*arguments, "--collect-only", "-q").collected()
    assert [nodeid.split("::")[1] for nodeid in ids] == [f"{name}[run1]" for name in names]


def test_the_id_without_brackets_selects_every_run(numbers: Project) -> None:
    ids = numbers.pytest("tasks/numbers/numbers.py::two", "--collect-only", "-q", "--metr-runs=3").collected()
    assert [nodeid.rpartition("::")[2] for nodeid in ids] == ["two[run1]", "two[run2]", "two[run3]"]


def test_nothing_of_a_family_is_imported(project: Project) -> None:
    family = project.family("test_numbers", TRAP + NUMBERS, tasks={"one": {}})
    for name in ("test_numbers_test.py", "conftest.py", "test_other.py", "__init__.py"):
        (family / name).write_text(TRAP, encoding="utf-8")
    for argument in ("tasks", "tasks/test_numbers", "tasks/test_numbers/test_numbers.py"):
        result = project.pytest(argument, "--collect-only", "-q")
        assert result.collected() == ["tasks/test_numbers/test_numbers.py::one[run1]"], result.output
        assert result.status == 0


def test_a_family_can_be_the_root_of_the_run(project: Project) -> None:
    family = project.family("numbers", tasks={"one": {}})
    (family / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    result = project.pytest("--collect-only", "-q", "--rootdir=tasks/numbers", "tasks/numbers")
    assert result.collected() == ["numbers.py::one[run1]"], result.output


def test_without_names_in_the_manifest_the_family_is_asked_once_in_a_sandbox(project: Project) -> None:
    listing = ("tasks", "--collect-only", "-q", "-o", "addopts=-p no:hypothesispytest")
    project.family("numbers", 'import os\nassert os.path.exists("/root/numbers.py")\n' + NUMBERS)
    first = project.pytest(*listing)
    assert len(first.collected()) == 3, first.output
    # Kept under a hash of the folder: the second collection needs no sandbox, which none could be made with here.
    second = project.pytest(*listing, "-p", "tests_no_sandbox")
    assert second.status != 0  # the plugin of that name does not exist: the option is really read
    (project.root / "tests_no_sandbox.py").write_text(
        "import pytest_metr.providers\npytest_metr.providers.PROVIDERS = {}\n", encoding="utf-8"
    )
    project.environment["PYTHONPATH"] = str(project.root)
    third = project.pytest(*listing, "-p", "tests_no_sandbox")
    assert third.collected() == first.collected(), third.output


def test_awkward_task_names_are_items_that_can_be_selected(project: Project) -> None:
    names = ["with space", "a/b", "x[1]", "größe", "a::b", "50%"]
    source = NUMBERS.replace('["one", "two", "three"]', repr(names))
    project.family("awkward", source, tasks={name: {} for name in names})
    ids = project.pytest("tasks", "--collect-only", "-q").collected()
    assert len(set(ids)) == len(names)
    submissions = {f"awkward/{name}": "1" for name in names}
    project.agent("answers", submissions)
    for nodeid in ids[:2]:
        assert project.pytest(nodeid, "--collect-only", "-q").collected() == [nodeid]
    result = project.run("-n", "2", agent="answers")
    assert result.status == 0, result.output
    assert {run["task_id"] for run in project.report()["runs"]} == set(submissions)


def test_ordinary_tests_beside_families_are_left_alone(numbers: Project) -> None:
    (numbers.root / "test_ordinary.py").write_text("def test_it():\n    pass\n", encoding="utf-8")
    ids = numbers.pytest("--collect-only", "-q").collected()
    assert len(ids) == 4
    assert "test_ordinary.py::test_it" in ids
