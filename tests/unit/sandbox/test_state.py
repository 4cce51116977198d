"""The folders of providers and their removal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_metr.sandbox.bubblewrap.state import PREFIX, make_folder, reachable, reap, remove


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def marked(base: Path, mark: str) -> Path:
    folder = base / f"{PREFIX}made-up"
    folder.mkdir()
    (folder / "owner").write_text(mark, encoding="ascii")
    return folder


def test_a_folder_is_closed_to_others_and_says_whose_it_is(base: Path) -> None:
    folder = make_folder(os.geteuid())
    assert folder.parent == base
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "owner").read_text(encoding="ascii").split()[0] == str(os.getpid())


def test_the_folder_of_a_living_owner_is_not_reaped(base: Path) -> None:
    folder = make_folder(os.geteuid())
    assert reap(base) == []
    assert folder.is_dir()


def test_the_folder_of_a_dead_owner_is_reaped(base: Path) -> None:
    code = f"import tempfile; tempfile.tempdir = {str(base)!r}\n"
    code += "from pytest_metr.sandbox.bubblewrap.state import make_folder; import os; print(make_folder(os.geteuid()))"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    (Path(made) / "deep" / "er").mkdir(parents=True)
    (Path(made) / "deep").chmod(0)
    assert reap(base) == [made]
    assert list(base.iterdir()) == []


def test_the_folder_of_an_earlier_boot_is_reaped(base: Path) -> None:
    folder = marked(base, f"{os.getpid()} 1 some-other-boot pid:[1]\n")
    assert reap(base) == [str(folder)]


def test_a_pid_that_belongs_to_another_process_by_now_does_not_save_a_folder(base: Path) -> None:
    real = (make_folder(os.geteuid()) / "owner").read_text(encoding="ascii").split()
    folder = marked(base, " ".join([real[0], "1", *real[2:]]))
    assert reap(base) == [str(folder)]


def test_an_owner_in_another_pid_namespace_may_be_alive(base: Path) -> None:
    real = (make_folder(os.geteuid()) / "owner").read_text(encoding="ascii").split()
    folder = marked(base, " ".join(["999999999", real[1], real[2], "pid:[1]"]))
    assert reap(base) == []
    assert folder.is_dir()


@pytest.mark.parametrize("mark", ["", "garbage", "1 2 3 4 5 6", "\x00\x00\x00 b c d"])
def test_what_has_no_mark_of_ours_is_not_touched(base: Path, mark: str) -> None:
    folder = marked(base, mark) if mark else base / f"{PREFIX}unmarked"
    folder.mkdir(exist_ok=True)
    (base / "other").mkdir()
    target = base / "target"
    target.mkdir()
    (base / f"{PREFIX}link").symlink_to(target)
    reap(base)
    assert target.is_dir()
    assert (base / "other").is_dir()
    if mark in ("", "garbage", "1 2 3 4 5 6"):
        assert folder.is_dir()


def test_a_tree_too_deep_for_python_is_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    script = "import os\nfor _ in range(1500):\n    os.mkdir('d' * 20)\n    os.chdir('d' * 20)\n"
    subprocess.run([sys.executable, "-c", script], cwd=top, check=True)
    remove(top)
    assert not top.exists()


def test_removing_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    remove(tmp_path / "nothing")


def test_reachable_looks_at_every_folder_on_the_way(tmp_path: Path) -> None:
    (tmp_path / "closed" / "open").mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    assert reachable(Path("/"))
    assert not reachable(tmp_path / "closed" / "open")
