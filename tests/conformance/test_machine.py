"""The machine that a family finds: Python, pip, and room for what it installs."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from pytest_metr.interfaces import Provider, Sandbox
from pytest_metr.types import User
from tests.conformance.conftest import Maker
from tests.conformance.providers import REAL

pytestmark = pytest.mark.parametrize("provider_name", REAL, indirect=True)

USERS: tuple[User, ...] = ("root", "agent")
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def wheel(folder: Path) -> bytes:
    """Return a wheel with the one module ``metr_example``."""
    path = folder / "metr_example-1.0-py3-none-any.whl"
    info = "metr_example-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metr_example.py", "WORDS = 'installed'\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: metr-example\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path.read_bytes()


def test_the_hosts_packages_are_not_seen(shared: Sandbox) -> None:
    for user in USERS:
        result = shared.exec(["python", "-c", "import pytest"], user=user)
        assert "ModuleNotFoundError" in result.err
        listed = shared.exec(["python", "-c", "import sys; print(sys.path)"], user=user).out
        assert "/opt/python/lib/python3/site-packages" not in listed


def test_pip_works_for_the_agent(shared: Sandbox) -> None:
    if any("no pip" in note for note in shared.info.notes):
        pytest.skip("the host's Python has no bundled pip")
    assert shared.exec(["python", "-m", "pip", "--version"], timeout=120).out.startswith("pip ")


def test_what_a_build_installs_is_there_in_its_sandboxes_and_in_no_other(
    provider: Provider, make: Maker, shared: Sandbox, tmp_path: Path
) -> None:
    if any("no pip" in note for note in shared.info.notes):
        pytest.skip("the host's Python has no bundled pip")

    def build(sandbox: Sandbox) -> None:
        path = "/root/metr_example-1.0-py3-none-any.whl"
        sandbox.write_file(path, wheel(tmp_path))
        command = ["pip", "install", "--no-index", "--no-deps", "--disable-pip-version-check", path]
        result = sandbox.exec(command, user="root", timeout=300)
        assert result.ok, result.err

    sandbox = make(of=provider.snapshot("with a package", build))
    code = "import metr_example; print(metr_example.WORDS, metr_example.__file__)"
    for user in USERS:
        word, place = sandbox.exec(["python", "-c", code], user=user).out.split()
        assert word == "installed"
        assert place.startswith("/usr/local/lib/python3.")
    assert not shared.exec(["python", "-c", code]).ok


def test_users_and_groups_have_names(shared: Sandbox) -> None:
    assert shared.exec(["id"]).out.startswith("uid=1000(agent) gid=1000(agent)")
    assert shared.exec(["id"], user="root").out.startswith("uid=0(root) gid=0(root)")
    assert "protected:" in shared.exec(["cat", "/etc/group"]).out
    assert shared.exec(["sh", "-c", "echo ~agent ~root"]).out == "/home/agent /root\n"


def test_localhost_has_an_address(shared: Sandbox) -> None:
    for user in USERS:
        result = shared.exec(["python", "-c", "import socket; print(socket.gethostbyname('localhost'))"], user=user)
        assert result.out == "127.0.0.1\n"


def test_odd_modes_and_links_survive_a_snapshot(provider: Provider, make: Maker) -> None:
    script = """
mkdir -p /srv/closed/inner && echo x > /srv/closed/inner/file && chmod 0000 /srv/closed/inner/file
chmod 0111 /srv/closed/inner && chmod 0000 /srv/closed
ln -s /nowhere /srv/dangling && ln -s ../etc /srv/relative && mkfifo /srv/fifo
echo y > '/srv/a b' && chmod 0400 '/srv/a b' && touch -d @1000000000 '/srv/a b'
"""

    def build(sandbox: Sandbox) -> None:
        assert sandbox.exec(["sh", "-ec", script], user="root").ok

    sandbox = make(of=provider.snapshot("odd modes", build))
    stat = ["stat", "-c", "%a %F %Y", "/srv/a b"]
    assert sandbox.exec(stat, user="root").out == "400 regular file 1000000000\n"
    assert sandbox.exec(["stat", "-c", "%a", "/srv/closed"], user="root").out == "0\n"
    check = "chmod 700 /srv/closed /srv/closed/inner; stat -c %a /srv/closed/inner/file; "
    check += "readlink /srv/dangling; test -p /srv/fifo"
    result = sandbox.exec(["sh", "-c", check], user="root")
    assert (result.exit_code, result.out) == (0, "0\n/nowhere\n")


def test_a_second_sandbox_of_a_snapshot_is_not_changed_by_the_first(make: Maker) -> None:
    first = make()
    script = "echo changed > /etc/passwd; rm -rf /home/agent; chmod 0 /opt; python -c 1; rm /usr/local/bin/python"
    first.exec(["sh", "-c", script], user="root")
    second = make()
    assert second.exec(["id", "-un"]).out == "agent\n"
    assert second.exec(["python", "-c", "print(1)"]).out == "1\n"
