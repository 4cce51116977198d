"""Task names that are kept between sessions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import filelock
import pytest

from pytest_metr.collect import Family, TaskNameCache, read_family
from pytest_metr.errors import TaskError

from .families import CODE, make_family


class GetTasks:
    """Stands for the question to a sandbox, and counts how often it was asked."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.asked = 0

    def __call__(self) -> tuple[str, ...]:
        self.asked += 1
        return self.names


@pytest.fixture
def family(tmp_path: Path) -> Family:
    return read_family(make_family(tmp_path))


def test_names_are_asked_for_once_and_sorted(tmp_path: Path, family: Family) -> None:
    get_tasks = GetTasks("b", "a\n", "größe", "b")
    answers = [TaskNameCache(tmp_path / "deep" / "cache").get(family, get_tasks) for _ in range(3)]
    assert answers == [("a\n", "b", "größe")] * 3
    assert get_tasks.asked == 1


def test_a_changed_family_and_another_key_are_asked_again(tmp_path: Path, family: Family) -> None:
    get_tasks = GetTasks("a")
    TaskNameCache(tmp_path / "cache").get(family, get_tasks)
    (family.dir / "reverse_hash.py").write_text(CODE + "# changed\n")
    TaskNameCache(tmp_path / "cache").get(read_family(family.dir), get_tasks)
    TaskNameCache(tmp_path / "cache", key="other secrets").get(family, get_tasks)
    assert get_tasks.asked == 3


def test_an_answer_that_raised_is_not_kept(tmp_path: Path, family: Family) -> None:
    def fail() -> tuple[str, ...]:
        raise OSError("no sandbox")

    cache = TaskNameCache(tmp_path / "cache")
    with pytest.raises(OSError, match="no sandbox") as caught:
        cache.get(family, fail)
    assert caught.value.__context__ is None
    assert cache.get(family, GetTasks("a")) == ("a",)


def test_an_answer_without_names_is_not_kept(tmp_path: Path, family: Family) -> None:
    cache = TaskNameCache(tmp_path / "cache")
    assert cache.get(family, GetTasks()) == ()
    assert cache.get(family, GetTasks("a")) == ("a",)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: json.dumps({**json.loads(text), "identity": "of another"}),
        lambda text: json.dumps({**json.loads(text), "names": []}),
        lambda text: json.dumps({**json.loads(text), "names": ["a", 1]}),
        lambda text: json.dumps({**json.loads(text), "names": "a"}),
    ],
)
def test_a_spoilt_file_is_made_again(tmp_path: Path, family: Family, spoil: Callable[[str], str]) -> None:
    cache, get_tasks = TaskNameCache(tmp_path / "cache"), GetTasks("a")
    cache.get(family, get_tasks)
    (file,) = (tmp_path / "cache").glob("*.json")
    file.write_text(spoil(file.read_text()))
    assert cache.get(family, get_tasks) == ("a",)
    assert cache.get(family, get_tasks) == ("a",)
    assert get_tasks.asked == 2


def test_a_folder_that_cannot_be_made_costs_the_cache_alone(tmp_path: Path, family: Family) -> None:
    (tmp_path / "file").write_text("in the way")
    get_tasks = GetTasks("a")
    for _ in range(2):
        assert TaskNameCache(tmp_path / "file" / "cache").get(family, get_tasks) == ("a",)
    assert get_tasks.asked == 2


def test_a_file_system_without_locks_costs_the_cache_alone(
    tmp_path: Path, family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoLocks(filelock.FileLock):
        def _acquire(self) -> None:
            raise NotImplementedError

    monkeypatch.setattr(filelock, "FileLock", NoLocks)
    assert TaskNameCache(tmp_path / "cache").get(family, GetTasks("a")) == ("a",)


def test_a_disk_that_is_full_costs_the_cache_alone(
    tmp_path: Path, family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert TaskNameCache(tmp_path / "cache").get(family, GetTasks("a")) == ("a",)
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] in ([], [".lock"])


def test_many_at_once_ask_once(tmp_path: Path, family: Family) -> None:
    begun = threading.Event()
    asked: list[int] = []
    answers: list[tuple[str, ...]] = []

    def slow() -> tuple[str, ...]:
        asked.append(1)
        begun.wait(0.2)
        return ("a",)

    def ask() -> None:
        answers.append(TaskNameCache(tmp_path / "cache").get(family, slow))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(asked) == 1
    assert answers == [("a",)] * 6


def test_importing_the_package_loads_neither_yaml_nor_locks() -> None:
    code = "import sys, pytest_metr.collect; print(sorted({'yaml', 'filelock', 'pytest'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert shown.stdout == "[]\n"


def test_who_waited_for_a_family_that_failed_gets_its_error_without_asking(tmp_path: Path, family: Family) -> None:
    begun, go_on = threading.Event(), threading.Event()
    asked: list[str] = []
    errors: list[str] = []

    def ask(name: str) -> None:
        def fail() -> tuple[str, ...]:
            asked.append(name)
            begun.set()
            assert go_on.wait(30)
            raise TaskError("get_tasks: timed out", cause="task_list")

        try:
            TaskNameCache(tmp_path / "cache").get(family, fail)
        except TaskError as error:
            errors.append(f"{error} {error.cause}")

    first = threading.Thread(target=ask, args=("first",))
    first.start()
    assert begun.wait(30)
    second = threading.Thread(target=ask, args=("second",))
    second.start()
    second.join(0.5)  # it waits for the first
    go_on.set()
    first.join(30)
    second.join(30)
    assert asked == ["first"]
    assert errors == ["get_tasks: timed out task_list"] * 2
    ask("later")  # in a later session the family is asked again
    assert asked == ["first", "later"]
