"""The provider: one object for one process, which makes and closes sandboxes."""

from __future__ import annotations

import itertools
import platform
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_metr.defaults import cache_dir
from pytest_metr.errors import SandboxError
from pytest_metr.interfaces import Sandbox
from pytest_metr.sandbox.bubblewrap.arguments import ROOT_CODE, machine
from pytest_metr.sandbox.bubblewrap.binary import Bwrap, find_bwrap
from pytest_metr.sandbox.bubblewrap.machine import make_layer, name_machine
from pytest_metr.sandbox.bubblewrap.namespaces import Namespaces
from pytest_metr.sandbox.bubblewrap.probe import Cause, diagnose, keeps_rights, no_program, not_linux
from pytest_metr.sandbox.bubblewrap.python import host_python
from pytest_metr.sandbox.bubblewrap.refusal import refusal, this_host
from pytest_metr.sandbox.bubblewrap.snapshots import Snapshots
from pytest_metr.sandbox.bubblewrap.state import give_tree, remove
from pytest_metr.sandbox.bubblewrap.workshop import Workshop
from pytest_metr.sandbox.hostname import hostname_of
from pytest_metr.sandbox.supervised import SupervisedSandbox
from pytest_metr.types import ProbeResult, Resources, SandboxInfo

#: How many processes an agent may have at once, unless the provider is told otherwise.
MAX_PROCESSES = 1024
#: Of each command: it is killed before anything else of the machine where memory runs out, and it has few open files.
#: Descriptors under way in sockets are counted for each user of the host, against the limit of whoever sends one: a
#: command must be stopped by this long before the host's own processes are (often at 1024).
_COMMAND = {"oom_score": 500, "files": 512, "ids": None}
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_NOTES = (
    "memory_gb, cpus and storage_gb are requirements here, not caps",
    "ownership of files has no meaning: one host user stands behind root and agent, and chown is only pretended",
    "hidden from the agent are /root and /protected; it can write to /home/agent, /tmp, /var/tmp and /dev/shm",
    "the agent can make no user namespaces and trace no processes",
)


class BubblewrapProvider:
    """A :class:`~pytest_metr.interfaces.Provider` for Linux without daemon, root or image.

    Nothing is made before the first sandbox is asked for. What is made is gone when the process has ended, in
    whatever way.

    :param cache_dir: where snapshots are kept; the user's cache folder unless given.
    :param max_processes: how many processes an agent may have at once (not enforced where root could not lay
        down its rights; a note of the sandbox says so).
    """

    def __init__(self, *, cache_dir: Path | None = None, max_processes: int = MAX_PROCESSES) -> None:
        self._cache_dir = cache_dir
        self._max_processes = max_processes
        self._lock = threading.RLock()
        self._workshop: Workshop | None = None
        self._sandboxes: dict[int, SupervisedSandbox] = {}
        self._numbers = itertools.count(1)

    @property
    def name(self) -> str:
        """``bubblewrap``."""
        return "bubblewrap"

    def probe(self) -> ProbeResult:
        """Start a sandbox and run a command in the agent's view of it, which takes about a tenth of a second."""
        cause = not_linux()
        found: Bwrap | str = "" if cause else find_bwrap()
        if cause is None and not isinstance(found, Bwrap):
            cause = no_program(found)
        if cause is None:
            cause = self._try()
        if cause is not None:
            return ProbeResult(provider=self.name, works=False, detail=cause.detail, remedy=cause.remedy)
        assert isinstance(found, Bwrap)
        return ProbeResult(provider=self.name, works=True, detail=f"bubblewrap {found.version} at {found.path}")

    def refusal(self, resources: Resources, needs: Sequence[str]) -> str | None:
        """Return in one line what this provider cannot give, by name; None where it can give everything."""
        return refusal(resources, needs, this_host())

    def snapshot(self, key: str, build: Callable[[Sandbox], None]) -> str:
        """Return the id of a snapshot, see :meth:`pytest_metr.interfaces.Provider.snapshot`.

        It holds everything but /tmp and the host's /usr. The sandbox of *build* is root of its own files only:
        what wants to write to /usr (apt) fails by itself; pip installs into /usr/local.
        """
        return self._snapshots().get(key, lambda: self._build(build))

    def identify(self, key: str) -> str:
        """Return the id of a snapshot without building it, see :meth:`pytest_metr.interfaces.Provider.identify`."""
        return self._snapshots().identify(key)

    def create(self, snapshot: str, *, internet: bool, resources: Resources, label: str) -> SupervisedSandbox:
        """Make a sandbox, see :meth:`pytest_metr.interfaces.Provider.create`. *label* becomes its host name.

        :raises SandboxError: where there is no such snapshot, it cannot be made into a machine, this machine has
            less than *resources*, or bubblewrap does not start.
        """
        reason = self.refusal(resources, ())
        if reason is not None:
            raise SandboxError(reason)
        try:
            return self._create(snapshot, internet, label)
        except OSError as error:
            raise SandboxError(f"a sandbox could not be made from snapshot {snapshot}: {error}") from error

    def close(self) -> None:
        """Close what is open, end the warden and remove the folder."""
        with self._lock:
            workshop, self._workshop = self._workshop, None
            sandboxes = list(self._sandboxes.values())
        try:
            for sandbox in sandboxes:
                sandbox.close()
        finally:
            if workshop is not None:
                workshop.close()

    def __enter__(self) -> BubblewrapProvider:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _made(self) -> Workshop:
        with self._lock:
            if self._workshop is None:
                found = find_bwrap()
                if not isinstance(found, Bwrap):
                    raise SandboxError(found)
                self._workshop = Workshop(found, host_python())
            return self._workshop

    def _snapshots(self) -> Snapshots:
        workshop = self._made()
        return Snapshots(self._cache_dir or cache_dir("bubblewrap"), workshop.tools.python, workshop.uid)

    def _folder(self) -> Path:
        folder = self._made().folder / str(next(self._numbers))
        folder.mkdir(mode=0o711)
        return folder

    def _fresh(self) -> Path:
        """Make the folder of a machine on which nothing has been installed yet."""
        folder = self._folder()
        make_layer(folder / "layer", self._made().tools.python)
        give_tree(folder / "layer", self._made().uid)
        return folder

    def _create(self, snapshot: str, internet: bool, label: str) -> SupervisedSandbox:
        folder = self._folder()
        try:
            self._snapshots().copy(snapshot, folder / "layer")
            return self._start(folder, image=snapshot, internet=internet, label=label)
        except BaseException:
            remove(folder)
            raise

    def _build(self, build: Callable[[Sandbox], None]) -> Path:
        folder = self._fresh()
        keep = False
        try:
            with self._start(folder, image="build", internet=True, label="build", keep=True) as sandbox:
                build(sandbox)
            for entry in (folder / "layer" / "root" / "tmp").iterdir():
                remove(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
            keep = True
        finally:
            if not keep:
                remove(folder)
        return folder / "layer"

    def _start(self, folder: Path, *, image: str, internet: bool, label: str, keep: bool = False) -> SupervisedSandbox:
        workshop, number = self._made(), int(folder.name)
        hostname = hostname_of(label)
        name_machine(folder / "layer", hostname, internet=internet)
        argv = machine(workshop.tools, folder / "layer", hostname=hostname, internet=internet)
        namespaces = Namespaces(
            workshop.tools, workshop.warden, argv, log=folder / "log", preparation=workshop.preparation
        )

        def dispose() -> None:
            with self._lock:
                self._sandboxes.pop(number, None)
            if not keep:
                remove(folder)

        sandbox = SupervisedSandbox(
            namespaces,
            self._info(workshop, image, internet),
            environment=self._environment(workshop),
            extra={"root": {**_COMMAND, "processes": None}, "agent": {**_COMMAND, "processes": self._max_processes}},
            code=ROOT_CODE,
            dispose=dispose,
        )
        with self._lock:
            self._sandboxes[number] = sandbox
        return sandbox

    def _environment(self, workshop: Workshop) -> Mapping[str, str]:
        return {"PATH": _PATH, "LANG": "C.UTF-8", **workshop.tools.python.environment}

    def _info(self, workshop: Workshop, image: str, internet: bool) -> SandboxInfo:
        notes = [*_NOTES, *workshop.notes]
        if internet:
            notes.append("with the internet, the sandbox is in the host's network and reaches its services")
        versions: dict[str, Any] = {
            "bubblewrap": workshop.version,
            "python": workshop.tools.python.version,
            "kernel": platform.release(),
        }
        return SandboxInfo(provider=self.name, image=image, versions=versions, notes=tuple(notes))

    def _try(self) -> Cause | None:
        folder = None
        try:
            folder = self._fresh()
            with self._start(folder, image="probe", internet=False, label="probe") as sandbox:
                result = sandbox.exec(["true"], timeout=30)
        except (SandboxError, OSError) as error:
            if self._workshop is not None and self._workshop.kept_rights:
                return keeps_rights(str(error), str(self._workshop.tools.python.mount))
            return diagnose(str(error))
        finally:
            if folder is not None:
                remove(folder)
        return None if result.ok else diagnose(f"a command of the agent's ended with {result.exit_code}: {result.err}")
