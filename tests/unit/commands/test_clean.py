"""``pytest-metr clean``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_metr.commands.clean import clean
from tests.unit.commands.command import run_command

MAKE = "import os; from pytest_metr.sandbox.bubblewrap.state import make_folder; print(make_folder(os.geteuid()))"


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def left_by_the_dead() -> Path:
    """Make a provider's folder whose owner is dead when this returns."""
    done = subprocess.run([sys.executable, "-c", MAKE], capture_output=True, text=True, check=True, timeout=60)
    return Path(done.stdout.strip())


def test_what_the_dead_have_left_is_removed_and_nothing_else(scratch: Path) -> None:
    dead = left_by_the_dead()
    (dead / "deep").mkdir()
    (scratch / "pytest-metr-mine").mkdir()
    (scratch / "other").mkdir()
    dry = clean([scratch], dry_run=True)
    assert (dry.found, dry.removed, dry.left) == ((str(dead),), (), ())
    assert dead.exists()
    done = clean([scratch], dry_run=False)
    assert (done.found, done.removed, done.left) == ((str(dead),), (str(dead),), ())
    assert sorted(path.name for path in scratch.iterdir()) == ["other", "pytest-metr-mine"]
    assert clean([scratch], dry_run=False).found == ()


def test_what_the_living_own_is_left_alone(scratch: Path) -> None:
    code = MAKE + "; import sys; sys.stdout.flush(); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        folder = Path(owner.stdout.readline().strip())
        assert clean([scratch], dry_run=False).found == ()
        assert folder.exists()
        owner.communicate()
    assert clean([scratch], dry_run=False).removed == (str(folder),)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")
def test_the_command_says_what_it_would_remove_and_what_it_has_removed(scratch: Path) -> None:
    dead = left_by_the_dead()
    environment = {**os.environ, "TMPDIR": str(scratch)}
    assert f"would remove {dead}\n" in run_command("clean", "--dry-run", env=environment).stdout
    done = run_command("clean", env=environment)
    assert done.returncode == 0
    assert f"removed {dead}\n" in done.stdout
    assert not dead.exists()


def test_what_dies_only_while_it_is_cleaned_is_no_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    looks = iter([[], [tmp_path / "pytest-metr-late"]])
    monkeypatch.setattr("pytest_metr.commands.clean.left_behind", lambda folder: next(looks))
    monkeypatch.setattr("pytest_metr.commands.clean.reap", lambda folder: [])
    cleaning = clean([tmp_path], dry_run=False)
    assert (cleaning.found, cleaning.left) == ((), ())
