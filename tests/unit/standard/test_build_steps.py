"""``build_steps.json``: what is taken, and what is refused with file and key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.errors import TaskError
from pytest_metr.standard.build_steps import FileStep, ShellStep, read_build_steps


@pytest.fixture
def family(tmp_path: Path) -> Path:
    folder = tmp_path / "riddles"
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "data.txt").write_text("x")
    (folder / "solution").mkdir()
    (folder / "solution" / "answer").write_text("42")
    (folder / "link").symlink_to("assets/data.txt")
    (folder / "loop").symlink_to("loop")
    (folder / "out").symlink_to("/etc/passwd")
    (tmp_path / "secret").write_text("x")
    return folder


def write(family: Path, found: Any) -> None:
    (family / "build_steps.json").write_text(found if isinstance(found, str) else json.dumps(found))


def test_a_family_without_the_file_has_no_steps(family: Path) -> None:
    assert read_build_steps(family) == ()


def test_shell_steps_keep_their_commands(family: Path) -> None:
    write(family, [{"type": "shell", "commands": ["a", "b && c"]}, {"type": "shell", "commands": []}])
    assert read_build_steps(family) == (
        ShellStep(key="[0]", commands=("a", "b && c")),
        ShellStep(key="[1]", commands=()),
    )


@pytest.mark.parametrize(
    ("source", "destination", "path", "target"),
    [
        ("assets/data.txt", "/srv/data.txt", "assets/data.txt", "/srv/data.txt"),
        ("assets/data.txt", "data.txt", "assets/data.txt", "/root/data.txt"),
        ("assets/data.txt", "/srv/", "assets/data.txt", "/srv/data.txt"),
        ("./assets/../assets/data.txt", "sub/", "assets/data.txt", "/root/sub/data.txt"),
        ("assets", "/srv", "assets", "/srv"),
        ("assets/", "/srv/", "assets", "/srv"),
        (".", "/srv/all", ".", "/srv/all"),
        ("link", "/srv/", "assets/data.txt", "/srv/link"),
    ],
)
def test_file_steps_name_what_goes_where(family: Path, source: str, destination: str, path: str, target: str) -> None:
    write(family, [{"type": "file", "source": source, "destination": destination}])
    assert read_build_steps(family) == (FileStep(key="[0]", source=(family / path).resolve(), destination=target),)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ("", "expected a list of build steps in JSON: Expecting value"),
        ("[" * 100_000, "expected a list of build steps in JSON: "),
        ({"type": "shell"}, "expected a list of build steps, found {"),
        (["ls"], "[0]: expected an object with the key 'type', found \"ls\""),
        ([{}], "[0].type: expected 'file' or 'shell', found null"),
        ([{"type": ["file"]}], "[0].type: expected 'file' or 'shell', found [\"file\"]"),
        ([{"type": "shell", "commands": []}, {"type": "copy"}], "[1].type: expected 'file' or 'shell', found \"copy\""),
        ([{"type": "shell"}], "[0].commands: is missing; a shell step has commands, type"),
        ([{"type": "shell", "commands": [], "cwd": "/"}], "[0].cwd: unknown key; a shell step has commands, type"),
        ([{"type": "shell", "commands": "ls"}], '[0].commands: expected a list of commands, found "ls"'),
        ([{"type": "shell", "commands": ["a", 1]}], "[0].commands[1]: expected a text that is not empty, found 1"),
        ([{"type": "file", "source": "assets"}], "[0].destination: is missing"),
    ],
)
def test_a_mistake_is_told_with_file_and_key(family: Path, found: Any, message: str) -> None:
    write(family, found)
    with pytest.raises(TaskError) as caught:
        read_build_steps(family)
    assert str(caught.value).startswith(f"{family / 'build_steps.json'}: {message}")
    assert caught.value.cause == "task_build"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("../secret", "expected a path inside the family folder, found '../secret'"),
        ("/etc/passwd", "expected a path inside the family folder, found '/etc/passwd'"),
        ("out", "expected a path inside the family folder, found 'out'"),
        ("assets/none", "there is no 'assets/none' in the family folder"),
        ("loop", "there is no 'loop' in the family folder"),
        ("solution/answer", "'solution' is never copied into a sandbox"),
        ("assets/../solution", "'solution' is never copied into a sandbox"),
        ("", 'expected a text that is not empty, found ""'),
        ("a\0b", 'expected a text that is not empty, found "a\\u0000b"'),
    ],
)
def test_a_source_is_in_the_family_folder_and_no_solution(family: Path, source: str, message: str) -> None:
    write(family, [{"type": "file", "source": source, "destination": "/srv/x"}])
    with pytest.raises(TaskError) as caught:
        read_build_steps(family)
    assert str(caught.value) == f"{family / 'build_steps.json'}: [0].source: {message}"
