"""The files of a machine, its command lines, and trees on their way into it."""

from __future__ import annotations

import marshal
import os
import stat
import sys
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.sandbox.bubblewrap.machine import make_layer, name_machine
from pytest_metr.sandbox.bubblewrap.python import HostPython, host_python, python_mounts
from pytest_metr.sandbox.hostname import hostname_of
from pytest_metr.sandbox.tree import pack

PYTHON = HostPython(
    version="3.11.7", mount=Path("/x"), program="/opt/python/bin/python3.11", libraries=None, pip="/opt/python/pip.whl"
)


@given(st.text())
def test_every_label_makes_a_name_of_a_host(label: str) -> None:
    name = hostname_of(label)
    assert 1 <= len(name) <= 63
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
    assert name.strip("-") == name


def test_a_layer_does_not_depend_on_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        make_layer(tmp_path / "layer", PYTHON)
    finally:
        os.umask(old)
    root = tmp_path / "layer" / "root"
    modes = {name: stat.S_IMODE((root / name).stat().st_mode) for name in ("etc", "home", "root", "tmp", "etc/passwd")}
    assert modes == {"etc": 0o755, "home": 0o755, "root": 0o700, "tmp": 0o1777, "etc/passwd": 0o644}


def test_the_environment_leads_to_the_hosts_python_and_its_pip(tmp_path: Path) -> None:
    make_layer(tmp_path / "layer", PYTHON)
    local = tmp_path / "layer" / "local"
    assert (local / "bin" / "python").readlink() == Path(PYTHON.program)
    assert "home = /opt/python/bin\n" in (local / "pyvenv.cfg").read_text(encoding="utf-8")
    assert [path.read_text(encoding="utf-8") for path in local.rglob("*.pth")] == ["/opt/python/pip.whl\n"]
    assert os.access(local / "bin" / "pip", os.X_OK)


def test_without_a_bundled_pip_there_is_none(tmp_path: Path) -> None:
    python = HostPython(version="3.11.7", mount=None, program="/usr/bin/python3.11", libraries=None, pip=None)
    make_layer(tmp_path / "layer", python)
    assert not (tmp_path / "layer" / "local" / "bin" / "pip").exists()
    assert list(tmp_path.rglob("*.pth")) == []


def test_naming_a_machine_follows_no_link_that_a_build_has_left(tmp_path: Path) -> None:
    make_layer(tmp_path / "layer", PYTHON)
    etc, victim = tmp_path / "layer" / "root" / "etc", tmp_path / "victim"
    victim.mkdir()
    for name in ("hosts", "hostname"):
        (victim / name).write_text("untouched", encoding="utf-8")
        (etc / name).unlink(missing_ok=True)
        (etc / name).symlink_to(victim / name)
    name_machine(tmp_path / "layer", "box", internet=False)
    assert "box" in (etc / "hosts").read_text(encoding="utf-8")
    etc.rename(tmp_path / "moved")
    etc.symlink_to(victim)
    name_machine(tmp_path / "layer", "box", internet=False)
    assert {path.read_text(encoding="utf-8") for path in victim.iterdir()} == {"untouched"}


def test_naming_a_machine_replaces_folders_that_a_build_has_left(tmp_path: Path) -> None:
    make_layer(tmp_path / "layer", PYTHON)
    etc = tmp_path / "layer" / "root" / "etc"
    for name in ("hosts", "hostname", "resolv.conf"):
        (etc / name / "inner").mkdir(parents=True)
        (etc / name).chmod(0)
    name_machine(tmp_path / "layer", "box", internet=False)
    assert (etc / "hostname").read_text(encoding="utf-8") == "box\n"
    assert not (etc / "resolv.conf").exists()


def test_the_hosts_python_is_described_by_paths_inside_a_sandbox() -> None:
    python = host_python()
    assert python.program.startswith(("/opt/python/", "/usr/"))
    assert python.mount is None or python.mount.is_dir()
    assert python.pip is None or python.pip.endswith(".whl")


def test_of_a_prefix_only_what_python_needs_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = f"python{sys.version_info.major}.{sys.version_info.minor}"
    files = [f"bin/{library}", "bin/other", f"lib/{library}/os.py", f"lib/{library}/site-packages/private.py"]
    files += [f"include/{library}/Python.h", "lib/libpython3.so", "lib/libz.so.1.3", "lib/notes", "share/keyring"]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "lib" / "libfolder.so").mkdir()
    (tmp_path / "lib" / "libdangling.so").symlink_to("nothing")
    monkeypatch.setattr("sys.base_prefix", str(tmp_path))
    monkeypatch.setattr("sys.platlibdir", "lib")
    monkeypatch.setattr("sysconfig.get_path", lambda name: f"/somewhere/{library}")
    python = host_python()
    expected = {f"bin/{library}", f"lib/{library}", f"include/{library}", "lib/libpython3.so", "lib/libz.so.1.3"}
    assert (set(python.parts), python.hidden) == (expected, (f"lib/{library}/site-packages",))
    assert python.program == f"/opt/python/bin/{library}"
    shown = python_mounts(python, tmp_path)
    assert "keyring" not in " ".join(shown)
    assert shown[:2] == ["--tmpfs", "/opt/python"]
    assert shown[-2:] == ["--remount-ro", "/opt/python"]


def test_a_tree_is_packed_in_order_with_folders_first(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir(mode=0o777)
    (tmp_path / "b" / "file").write_bytes(b"content")
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "left out").write_bytes(b"")
    stream = BytesIO(b"".join(pack(tmp_path, ["left out"])))
    assert marshal.load(stream)[:2] == ("link", "a")
    kind, name, mode, _, _ = marshal.load(stream)
    assert (kind, name, mode & 0o022) == ("dir", "b", 0)
    assert marshal.load(stream)[4] == len(b"content")
    assert stream.read(len(b"content")) == b"content"
    assert marshal.load(stream) is None


def test_a_tree_with_a_fifo_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(ValueError, match=r"fifo: expected a file, a folder or a link"):
        list(pack(tmp_path))
