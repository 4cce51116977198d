"""Which folders are taken for families, and which are left to others."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest

from pytest_metr.collect import looks_like_family

from .families import CODE, make_family


@pytest.mark.parametrize(
    "code",
    [
        "class TaskFamily:\n    pass\n",
        "import os\n\nclass TaskFamily(Base):\n    pass\n",
        "from common import TaskFamily\n",
        "from common import Base as TaskFamily\n",
        "TaskFamily = make_family('x')\n",
        "TaskFamily: type = make_family('x')\n",
        "Other, TaskFamily = make_two()\n",
        "if True:\n    class TaskFamily: pass\n",
        "try:\n    import x\nexcept ImportError:\n    class TaskFamily: pass\n",
        "try:\n    import x\nfinally:\n    from y import TaskFamily\n",
        "with open('x') as f:\n    class TaskFamily: pass\n",
        "match 1:\n    case 1:\n        class TaskFamily: pass\n",
        "class TaskFamily:\n    def broken(:\n",
    ],
)
def test_a_module_that_defines_the_class_makes_a_family(tmp_path: Path, code: str) -> None:
    assert looks_like_family(make_family(tmp_path, code=code))


@pytest.mark.parametrize(
    "code",
    [
        "",
        "print('TaskFamily')\n",
        "# class TaskFamily:\n",
        "def make():\n    class TaskFamily: pass\n",
        "class Outer:\n    class TaskFamily: pass\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from x import TaskFamily\n",
        "import typing\nif typing.TYPE_CHECKING:\n    from x import TaskFamily\n",
        "TaskFamily: type\n",
        "print(TaskFamily)\n",
        "x.TaskFamily = 1\n",
        "    broken(TaskFamily\n",
    ],
)
def test_a_module_that_only_speaks_of_the_class_makes_none(tmp_path: Path, code: str) -> None:
    assert not looks_like_family(make_family(tmp_path, code=code))


def test_a_class_in_another_module_of_the_folder_makes_no_family(tmp_path: Path) -> None:
    folder = make_family(tmp_path, code=None)
    (folder / "other.py").write_text(CODE)
    assert not looks_like_family(folder)


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "# nothing yet\n",
        "version: 1.0.0\n",
        "tasks:\n  main: {}\n",
        "tasks: [unclosed\n",
        "tasks:\n  main: {}\n bad indent: x\n",
        "tasks: {main: {}}\n---\ntasks: {other: {}}\n",
    ],
)
def test_a_manifest_beside_a_module_without_the_class_is_a_family_that_is_to_be_told_so(
    tmp_path: Path, manifest: str
) -> None:
    assert looks_like_family(make_family(tmp_path, code="x = 1\n", manifest=manifest))


@pytest.mark.parametrize(
    "manifest", ["tasks:\n  main: {}\n", "tasks: {main: }\n", "tasks: {a: {scoring: {}}}\nversion: 1.0.0\n", "tasks: {"]
)
def test_a_manifest_that_names_tasks_is_a_family_even_without_its_module(tmp_path: Path, manifest: str) -> None:
    assert looks_like_family(make_family(tmp_path, code=None, manifest=manifest))


@pytest.mark.parametrize(
    "manifest",
    [
        "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n",
        "apiVersion: tekton.dev/v1\nkind: Pipeline\nspec: {tasks: []}\n",
        "apiVersion: v1\n---\nkind: Pod\n",
        "name: my add-on\nversion: 1.0\npermissions: [tabs]\n",
        "name: {{ cookiecutter.name }}\nversion: [\n",
        "tasks: {build: {cmd: make}}\nname: x\n",
        "- one\n- two\n",
        "just text\n",
    ],
)
@pytest.mark.parametrize("code", [None, "import sys\n"])
def test_a_manifest_of_another_program_makes_no_family(tmp_path: Path, manifest: str, code: str | None) -> None:
    assert not looks_like_family(make_family(tmp_path, "addon", code=code, manifest=manifest))


@pytest.mark.parametrize("manifest", ["", "version: 1.0.0\n", "tasks:\n", "tasks: [a]\n", "tasks: {build: {cmd: x}}\n"])
def test_a_manifest_that_names_no_tasks_makes_no_family_by_itself(tmp_path: Path, manifest: str) -> None:
    assert not looks_like_family(make_family(tmp_path, code=None, manifest=manifest))


def test_a_misspelt_class_beside_any_manifest_is_a_family_that_is_to_be_told_so(tmp_path: Path) -> None:
    assert looks_like_family(make_family(tmp_path, code="class Taskfamily: pass\n", manifest="nam: x\n"))


def test_a_huge_manifest_is_judged_by_its_text(tmp_path: Path) -> None:
    huge = "tasks:\n  main:\n    meta:\n      text: " + "x" * 1_100_000 + "\n"
    assert looks_like_family(make_family(tmp_path, "ours", code=None, manifest=huge))
    assert not looks_like_family(make_family(tmp_path, "theirs", code="x = 1\n", manifest="kind: Pod\n" + huge))


def test_plain_folders_files_and_missing_folders_make_no_family(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "file", tmp_path / "missing", Path("/")):
        assert not looks_like_family(path)


def test_a_relative_folder_is_known_by_its_real_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make_family(tmp_path))
    assert looks_like_family(Path())


def test_what_is_no_regular_file_is_neither_waited_for_nor_a_crash(tmp_path: Path) -> None:
    folder = make_family(tmp_path, code=None)
    os.mkfifo(folder / "reverse_hash.py")
    (folder / "manifest.yaml").symlink_to("manifest.yaml")
    assert not looks_like_family(folder)
    directory = make_family(tmp_path, "other", code=None)
    (directory / "other.py").mkdir()
    (directory / "manifest.yaml").mkdir()
    assert not looks_like_family(directory)


@pytest.mark.parametrize("code", ["class TaskFamily: pass\nx = '\\d'\n", "TaskFamily = 1 is 1\n"])
def test_warnings_about_foreign_code_are_not_ours(tmp_path: Path, code: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert looks_like_family(make_family(tmp_path, code=code))


@pytest.mark.parametrize("code", ["TaskFamily = " + "(" * 5000, "TaskFamily = " + "-" * 100_000 + "1", "TaskFamily\0"])
def test_code_that_no_parser_takes_is_no_crash(tmp_path: Path, code: str) -> None:
    assert not looks_like_family(make_family(tmp_path, code=code))
