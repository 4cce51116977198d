"""The file system of a sandbox: what is its own, what is mounted from the host, and where.

A machine's own files are its *layer*: ``root`` becomes ``/`` and ``local`` becomes ``/usr/local``. The rest of
/usr is the host's, read-only.
"""

from __future__ import annotations

from pathlib import Path

from pytest_metr.sandbox.bubblewrap.python import HostPython, make_environment, python_mounts
from pytest_metr.sandbox.bubblewrap.state import remove

#: Part of the key of every snapshot; to be raised when what a layer holds changes.
LAYOUT_VERSION = 1
#: What of the host's /etc is shown, read-only, where the host has it: no more than programs in /usr need.
HOST_ETC = ("alternatives", "ca-certificates", "ca-certificates.conf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d")
HOST_CERTIFICATES = "ssl/certs"
#: Where the tools of the supervisors are; the agent's view has an empty folder in that place.
TOOLS = "/run/metr"

#: Bytes that each view may put into /dev/shm, which is memory of the host.
SHARED_MEMORY = 256 << 20

_PASSWD = """root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
agent:x:1000:1000:agent:/home/agent:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
"""
_GROUP = """root:x:0:
daemon:x:1:
protected:x:999:
agent:x:1000:
nogroup:x:65534:
"""
_NSSWITCH = "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n"
_FOLDERS: tuple[tuple[str, int], ...] = (
    ("dev", 0o755),
    ("etc", 0o755),
    ("etc/ssl", 0o755),
    ("etc/ssl/certs", 0o755),
    ("home", 0o755),
    ("home/agent", 0o755),
    ("mnt", 0o755),
    ("opt", 0o755),
    ("opt/python", 0o755),
    ("proc", 0o755),
    ("protected", 0o750),
    ("root", 0o700),
    ("run", 0o755),
    ("run/lock", 0o755),
    ("run/metr", 0o755),
    ("srv", 0o755),
    ("tmp", 0o1777),
    ("usr", 0o755),
    ("var", 0o755),
    ("var/cache", 0o755),
    ("var/lib", 0o755),
    ("var/log", 0o755),
    ("var/spool", 0o755),
    ("var/tmp", 0o1777),
)
_LINKS = (("var/run", "/run"), ("var/lock", "/run/lock"), ("etc/os-release", "../usr/lib/os-release"))
_MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


def make_layer(layer: Path, python: HostPython) -> None:
    """Write the layer of a machine on which nothing has been installed yet into the empty folder *layer*."""
    root = layer / "root"
    root.mkdir(parents=True)
    root.chmod(0o755)
    for relative, mode in _FOLDERS:
        (root / relative).mkdir()
        (root / relative).chmod(mode)
    for relative, target in _LINKS:
        (root / relative).symlink_to(target)
    for relative, text in (("passwd", _PASSWD), ("group", _GROUP), ("nsswitch.conf", _NSSWITCH)):
        _replace(root / "etc" / relative, text)
    for name in HOST_ETC:
        _mount_point(Path("/etc", name), root / "etc" / name)
    for name in _MERGED:
        _top_level(Path("/", name), root / name)
    score_log = root / "protected" / "score.log"
    score_log.write_text("timestamp,score,message,details\n", encoding="utf-8")
    score_log.chmod(0o620)
    make_environment(layer / "local", python)


def name_machine(layer: Path, hostname: str, *, internet: bool) -> None:
    """Write what differs between sandboxes of one snapshot: the names of hosts, and who is asked for more."""
    etc = layer / "root" / "etc"
    if etc.is_symlink():
        return  # a build that replaced the folder has its own idea of names, and a link must not be followed here
    _replace(etc / "hostname", f"{hostname}\n")
    _replace(etc / "hosts", f"127.0.0.1 localhost {hostname}\n::1 localhost\n")
    resolver = Path("/etc/resolv.conf")
    if internet and resolver.is_file():
        _replace(etc / "resolv.conf", resolver.read_text(encoding="utf-8", errors="replace"))
    else:
        _clear(etc / "resolv.conf")


def mounts(layer: Path, python: HostPython, python_source: Path | None, tools: Path) -> list[str]:
    """Return bubblewrap's arguments for the file system of a machine.

    :param python_source: where the prefix of *python* is to be mounted from, if it is.
    :param tools: what is mounted at :data:`TOOLS`.
    """
    shown = ["--bind", f"{layer}/root", "/", "--ro-bind", "/usr", "/usr", "--bind", f"{layer}/local", "/usr/local"]
    for name in _MERGED:
        if Path("/", name).is_dir() and not Path("/", name).is_symlink():
            shown += ["--ro-bind", f"/{name}", f"/{name}"]
    for name in (*HOST_ETC, HOST_CERTIFICATES):
        shown += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    if python_source is not None:
        shown += python_mounts(python, python_source)
    return [*shown, "--ro-bind", str(tools), TOOLS, "--proc", "/proc", *_devices()]


def agent_mounts(program: str) -> list[str]:
    """Return bubblewrap's arguments for the agent's view of the machine: read-only but for what is the agent's.

    :param program: the interpreter of the agent's supervisor, which gets a link that is not named after it, so
        that an agent that kills its Python programs by name spares the supervisor.
    """
    view = ["--ro-bind", "/", "/", "--proc", "/proc", *_devices()]
    for path in ("/home/agent", "/tmp", "/var/tmp"):
        view += ["--bind", path, path]
    for path in ("/root", "/protected"):
        view += ["--perms", "0000", "--tmpfs", path, "--remount-ro", path]
    return [*view, "--tmpfs", TOOLS, "--symlink", program, f"{TOOLS}/supervisor", "--remount-ro", TOOLS]


def _devices() -> list[str]:
    # bubblewrap's /dev is a file system in memory that may grow to half of the host's.
    shared = ["--size", str(SHARED_MEMORY), "--perms", "1777", "--tmpfs", "/dev/shm"]
    return ["--dev", "/dev", *shared, "--remount-ro", "/dev"]


def _mount_point(source: Path, target: Path) -> None:
    if source.is_dir():
        target.mkdir()
    elif source.exists():
        target.touch()


def _top_level(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())
    elif source.is_dir():
        target.mkdir()


def _replace(path: Path, text: str) -> None:
    _clear(path)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


def _clear(path: Path) -> None:
    # The snapshot's build may have put a link there, which must not be followed on the host, or a folder.
    if path.is_dir() and not path.is_symlink():
        remove(path)
    else:
        path.unlink(missing_ok=True)
