"""The files of ours that a sandbox is given, and where they lie. They hold no secret."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from pytest_metr.errors import TaskError
from pytest_metr.interfaces import Sandbox
from pytest_metr.standard.evidence import evidence_of

INSIDE = Path(__file__).parent / "inside"
FAMILY_ROOT = "/root"
OURS = "/opt/metr"
HELPER = f"{OURS}/helper.py"
CHOWN_HOME = f"{OURS}/chown_home.py"
#: The package that families import; it goes to where the sandbox's Python finds it by itself.
PACKAGE = "metr_task_standard"
_NO_SECRETS: Mapping[str, str] = MappingProxyType({})


def inside_files() -> Iterator[tuple[str, bytes]]:
    """Yield our files by their path below ``inside``, in a stable order."""
    for path in sorted(INSIDE.rglob("*.py")):
        if path != INSIDE / "__init__.py":
            yield path.relative_to(INSIDE).as_posix(), path.read_bytes()


def layout_key(family_hash: str, secrets: Mapping[str, str] = _NO_SECRETS) -> str:
    """Return the key of a built family for ``Provider.snapshot``.

    It changes with the family's files, with ours, and with *secrets*, which ``install`` sees. It tells none of them.
    """
    digest = hashlib.sha256(family_hash.encode())
    items = json.dumps(sorted(secrets.items())).encode()
    digest.update(hashlib.sha256(items).digest())
    for name, data in inside_files():
        digest.update(f"\0{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def put_inside(sandbox: Sandbox) -> None:
    """Copy our files into a sandbox.

    :raises TaskError: (cause ``task_build``) where the sandbox has no ``python`` that works.
    """
    found = sandbox.exec(
        ["python", "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        user="root",
        cwd="/",
        timeout=60,
    )
    packages = found.out.strip()
    if not found.ok or not packages.startswith("/"):
        raise TaskError("the sandbox has no working python", cause="task_build", evidence=evidence_of(found))
    for name, data in inside_files():
        folder = packages if name.startswith(f"{PACKAGE}/") else OURS
        sandbox.write_file(f"{folder}/{name}", data, user="root")
