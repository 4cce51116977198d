"""Which entries of the home become the agent's after ``start``."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.standard.inside.chown_home import Chown

AGENT = (1000, 1001)
PROTECTED = 777


class Recorded:
    """Stands in for the kernel: who is given what, and entries that belong to the group ``protected``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.given: dict[str, tuple[int, int]] = {}
        self.protected: set[str] = set()
        self.errors: dict[str, int] = {}
        self._stat = os.stat
        monkeypatch.setattr(os, "chown", self.chown)
        monkeypatch.setattr(os, "stat", self.stat)

    def path(self, name: Any, dir_fd: int | None) -> str:
        return os.path.normpath(os.path.join(os.readlink(f"/proc/self/fd/{dir_fd}"), name))  # noqa: PTH115, PTH118

    def chown(self, name: str, uid: int, gid: int, *, dir_fd: int, follow_symlinks: bool) -> None:
        assert not follow_symlinks
        path = self.path(name, dir_fd)
        if path in self.errors:
            raise OSError(self.errors[path], os.strerror(self.errors[path]), name)
        self.given[path] = (uid, gid)

    def stat(self, name: Any, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> os.stat_result:
        found = self._stat(name, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
        if dir_fd is not None and self.path(name, dir_fd) in self.protected:
            fields = list(found)
            fields[5] = PROTECTED
            return os.stat_result(fields)
        return found


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    return Recorded(monkeypatch)


def make(home: Path, *names: str) -> None:
    for name in names:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("x")


def given(kernel: Recorded, home: Path) -> set[str]:
    """Walk *home* and return the entries that were given to the agent, the home itself as ``.``."""
    walk = Chown(*AGENT, PROTECTED)
    walk.run(str(home))
    assert walk.failures == []
    assert set(kernel.given.values()) == {AGENT}
    return {os.path.relpath(path, home) for path in kernel.given}


def test_the_home_and_all_below_it_become_the_agents(kernel: Recorded, tmp_path: Path) -> None:
    make(tmp_path, "a", "b/c/d")
    assert given(kernel, tmp_path) == {".", "a", "b", "b/c", "b/c/d"}


def test_hidden_directories_at_the_top_are_left_with_all_below(kernel: Recorded, tmp_path: Path) -> None:
    make(tmp_path, ".cache/x/y", ".sshd/x", "a/.hidden/x")
    assert given(kernel, tmp_path) == {".", "a", "a/.hidden", "a/.hidden/x"}


def test_ssh_and_hidden_files_at_the_top_are_the_agents(kernel: Recorded, tmp_path: Path) -> None:
    make(tmp_path, ".ssh/id", ".ssh/.deep/x", ".bashrc")
    assert given(kernel, tmp_path) == {".", ".ssh", ".ssh/id", ".ssh/.deep", ".ssh/.deep/x", ".bashrc"}


def test_links_are_given_and_their_targets_are_not(kernel: Recorded, tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "outside"
    make(outside, "secret")
    make(home, "a")
    (home / "file").symlink_to(outside / "secret")
    (home / "folder").symlink_to(outside)
    (home / ".hidden").symlink_to(outside)
    (home / "broken").symlink_to("nowhere")
    (home / "loop").symlink_to("loop")
    assert given(kernel, home) == {".", "a", "file", "folder", ".hidden", "broken", "loop"}


def test_entries_of_the_group_protected_are_left_and_what_is_below_them_is_not(
    kernel: Recorded, tmp_path: Path
) -> None:
    make(tmp_path, "score.log", "kept/inner", "kept/own")
    kernel.protected = {str(tmp_path / name) for name in ("score.log", "kept", "kept/inner")}
    assert given(kernel, tmp_path) == {".", "kept/own"}


def test_special_files_and_odd_names_are_given(kernel: Recorded, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    make(tmp_path, "new\nline", "-rf")
    (tmp_path / os.fsdecode(b"\xff")).write_text("x")
    assert given(kernel, tmp_path) == {".", "fifo", "new\nline", "-rf", os.fsdecode(b"\xff")}


@pytest.mark.parametrize("code", [errno.ENOENT, errno.EINVAL])
def test_an_entry_that_is_gone_or_a_machine_with_one_user_is_no_failure(
    kernel: Recorded, tmp_path: Path, code: int
) -> None:
    make(tmp_path, "a", "b")
    kernel.errors[str(tmp_path / "a")] = code
    assert given(kernel, tmp_path) == {".", "b"}


def test_an_entry_that_cannot_be_given_is_named_and_the_rest_is_given(kernel: Recorded, tmp_path: Path) -> None:
    make(tmp_path, "a", "b")
    kernel.errors[str(tmp_path / "a")] = errno.EROFS
    walk = Chown(*AGENT, None)
    walk.run(str(tmp_path))
    assert walk.failures == [f"{str(tmp_path / 'a')!r}: Read-only file system"]
    assert str(tmp_path / "b") in kernel.given


def test_a_home_that_is_a_link_is_not_followed(kernel: Recorded, tmp_path: Path) -> None:
    make(tmp_path / "target", "a")
    (tmp_path / "home").symlink_to("target")
    Chown(*AGENT, None).run(str(tmp_path / "home"))
    assert kernel.given == {}
