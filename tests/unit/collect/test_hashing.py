"""The identity of a family."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_metr.collect import content_hash
from pytest_metr.errors import UsageMistake
from pytest_metr.types import NOT_COPIED

from .families import make_family


def family(parent: Path) -> Path:
    folder = make_family(parent)
    (folder / "assets" / "empty").mkdir(parents=True)
    (folder / "assets" / "data.bin").write_bytes(b"\0\1")
    (folder / "assets" / "link").symlink_to("data.bin")
    return folder


def test_the_place_the_times_and_the_order_of_making_do_not_count(tmp_path: Path) -> None:
    one, other = family(tmp_path / "one"), family(tmp_path / "other")
    for folder, names in ((one, "abc"), (other, "cba")):
        for name in names:
            (folder / name).write_text(name)
    os.utime(other / "a", (1, 1))
    (other / "a").chmod(0o600)
    assert content_hash(one) == content_hash(other)
    assert len(content_hash(one)) == 64


def change_content(folder: Path) -> None:
    (folder / "assets" / "data.bin").write_bytes(b"\0\2")


def change_name(folder: Path) -> None:
    (folder / "assets" / "data.bin").rename(folder / "assets" / "data2.bin")


def change_place(folder: Path) -> None:
    (folder / "assets" / "data.bin").rename(folder / "data.bin")


def make_runnable(folder: Path) -> None:
    (folder / "assets" / "data.bin").chmod(0o755)


def change_link(folder: Path) -> None:
    (folder / "assets" / "link").unlink()
    (folder / "assets" / "link").symlink_to("./data.bin")


def replace_link(folder: Path) -> None:
    (folder / "assets" / "link").unlink()
    (folder / "assets" / "link").write_bytes(b"data.bin")


def remove_empty_folder(folder: Path) -> None:
    (folder / "assets" / "empty").rmdir()


def add_link_to_itself(folder: Path) -> None:
    (folder / "loop").symlink_to("loop")


def add_link_to_the_folder(folder: Path) -> None:
    (folder / "loop").symlink_to(".")


def add_nested_solution(folder: Path) -> None:
    (folder / "assets" / "solution").mkdir()


def add_bytecode_to_look_at(folder: Path) -> None:
    (folder / "assets" / "crackme.pyc").write_bytes(b"x")


def add_name_that_is_no_text(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff")).write_text("x")


@pytest.mark.parametrize(
    "change",
    [
        change_content,
        change_name,
        change_place,
        make_runnable,
        change_link,
        replace_link,
        remove_empty_folder,
        add_link_to_itself,
        add_link_to_the_folder,
        add_nested_solution,
        add_bytecode_to_look_at,
        add_name_that_is_no_text,
    ],
)
def test_whatever_changes_in_the_sandbox_changes_the_hash(tmp_path: Path, change: Callable[[Path], None]) -> None:
    folder = family(tmp_path)
    before = content_hash(folder)
    change(folder)
    after = content_hash(folder)
    assert after != before
    assert after == content_hash(folder)


@pytest.mark.parametrize("name", [*NOT_COPIED, "assets/__pycache__", "assets/empty/__pycache__"])
def test_what_no_sandbox_gets_does_not_count(tmp_path: Path, name: str) -> None:
    folder = family(tmp_path)
    before = content_hash(folder)
    (folder / name).mkdir()
    (folder / name / "x.pyc").write_bytes(b"x")
    os.mkfifo(folder / name / "pipe")
    assert content_hash(folder) == before


def test_a_fifo_or_a_socket_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = family(tmp_path)
    os.mkfifo(folder / "assets" / "pipe")
    with pytest.raises(UsageMistake, match=r"assets/pipe: expected a file, a folder or a link, found a fifo"):
        content_hash(folder)
    (folder / "assets" / "pipe").unlink()
    monkeypatch.chdir(folder)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as door:
        door.bind("door")
        with pytest.raises(UsageMistake, match="door: expected a file, a folder or a link"):
            content_hash(folder)


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageMistake, match="gone: cannot be read: No such file or directory"):
        content_hash(tmp_path / "gone")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told_by_name(tmp_path: Path) -> None:
    folder = family(tmp_path)
    (folder / "assets" / "data.bin").chmod(0)
    with pytest.raises(UsageMistake, match=r"assets/data\.bin: cannot be read: Permission denied"):
        content_hash(folder)
