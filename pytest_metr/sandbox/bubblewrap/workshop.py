"""What a provider lays out once for all its sandboxes: its folder, its tools, its warden and its rights."""

from __future__ import annotations

import os
import platform
import resource
from pathlib import Path
from typing import Any

from pytest_metr.sandbox import seccomp
from pytest_metr.sandbox.bubblewrap.arguments import Tools
from pytest_metr.sandbox.bubblewrap.binary import Bwrap
from pytest_metr.sandbox.bubblewrap.launch import WardenLink, copy_inside
from pytest_metr.sandbox.bubblewrap.machine import TOOLS
from pytest_metr.sandbox.bubblewrap.python import HostPython
from pytest_metr.sandbox.bubblewrap.state import UNPRIVILEGED, give, make_folder, reachable, remove


class Workshop:
    """The folder of a provider with its tools, and the warden that works there.

    :raises SandboxError: where the warden does not start.
    """

    def __init__(self, bwrap: Bwrap, python: HostPython) -> None:
        _allow_open_files()
        root = os.geteuid() == 0
        self.uid = UNPRIVILEGED if root else os.geteuid()
        self.version = bwrap.version
        self.folder: Path = make_folder(self.uid)
        try:
            tools = self.folder / "tools"
            tools.mkdir()
            start = copy_inside(_made(tools / "lib"))
            (tools / "supervisor").symlink_to(python.program)
            program = bwrap.copy_to(_made(tools / "bwrap"))
            filtered = _write_filters(tools)
            self.warden = WardenLink(start, self.folder)
        except BaseException:
            remove(self.folder)
            raise
        self.preparation: dict[str, Any] = {"binds": [], "drop": None}
        source = python.mount
        if root:
            source = self._lay_down_rights(python.mount)
        outer = program if bwrap.libraries is not None or not reachable(bwrap.path.parent) else bwrap.path
        self.tools = Tools(
            folder=tools,
            program=outer,
            inner=f"{TOOLS}/{program.relative_to(tools)}",
            python=python,
            python_source=source,
            filtered=filtered,
        )
        self.kept_rights = root and self.preparation["drop"] is None
        self.notes = self._notes(filtered, python)

    def close(self) -> None:
        """End the warden, which removes the folder."""
        self.warden.close()
        remove(self.folder)

    def _lay_down_rights(self, mount: Path | None) -> Path | None:
        """As root: find out how a sandbox can be started without root's rights; return where Python then is."""
        preparation: dict[str, Any] = {"binds": [], "drop": UNPRIVILEGED}
        source = mount
        if mount is not None and not reachable(mount):
            # That user cannot follow the path, but a mount made before the rights are laid down stays.
            source = _made(self.folder / "python")
            give(source, UNPRIVILEGED)
            preparation["binds"] = [(str(mount), str(source))]
        if self.warden.can_prepare(preparation):
            self.preparation = preparation
            return source
        self.uid = os.geteuid()
        os.chown(self.folder, self.uid, os.getegid())
        return mount

    def _notes(self, filtered: bool, python: HostPython) -> list[str]:
        notes = []
        if self.kept_rights:
            notes.append(
                "root's rights could not be laid down: the sandbox runs as the host's root in a user namespace, "
                "and the number of the agent's processes is not limited"
            )
        if not filtered:
            notes.append(f"no filter of system calls for {platform.machine()}: chown fails, and nothing is denied")
        if python.pip is None:
            notes.append("there is no pip, because the host's Python has no bundled one")
        return notes


def _allow_open_files() -> None:
    # What commands have under way in sockets counts against the limit of this process, see the minder.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _write_filters(tools: Path) -> bool:
    for name, agent in (("root.bpf", False), ("agent.bpf", True)):
        program = seccomp.program(platform.machine(), agent=agent)
        if program is None:
            return False
        (tools / name).write_bytes(program)
    return True
