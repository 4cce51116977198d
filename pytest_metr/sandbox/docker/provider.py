"""The provider: one object for one process, which makes and removes containers."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_metr.defaults import cache_dir
from pytest_metr.errors import SandboxError
from pytest_metr.interfaces import Sandbox
from pytest_metr.sandbox import seccomp
from pytest_metr.sandbox.docker.building import REMEDIES
from pytest_metr.sandbox.docker.container import AGENT, CODE, Container
from pytest_metr.sandbox.docker.engine import Engine, connect
from pytest_metr.sandbox.docker.images import Images
from pytest_metr.sandbox.docker.labels import container_labels
from pytest_metr.sandbox.docker.network import in_network
from pytest_metr.sandbox.docker.refusal import refusal
from pytest_metr.sandbox.docker.settings import host_config
from pytest_metr.sandbox.hostname import hostname_of
from pytest_metr.sandbox.supervised import SupervisedSandbox
from pytest_metr.types import ProbeResult, Resources, SandboxInfo, User

#: How many processes an agent may have at once, unless the provider is told otherwise.
MAX_PROCESSES = 1024
#: Seconds after which a container whose owner cannot be looked for is taken for left behind: a week's task and a day.
LIFETIME = 8 * 86400.0
#: Of the agent's commands: they are killed before root's and the supervisor where memory runs out. It can take that
#: back, but not go below the others, and then the one that takes most is killed.
_AGENT_OOM_SCORE = 500


class DockerProvider:
    """A :class:`~pytest_metr.interfaces.Provider` that makes containers, with all of the Task Standard.

    Nothing is asked of the engine before it is needed.

    :param base: the image that machines are made from.
    :param cache_dir: where locks are kept; the user's cache folder unless given.
    :param max_processes: how many processes an agent may have at once.
    :param session: the id of the session that containers are labelled with.
    """

    def __init__(
        self, *, base: str, cache_dir: Path | None = None, max_processes: int = MAX_PROCESSES, session: str = ""
    ) -> None:
        self._base = base
        self._cache_dir = cache_dir
        self._max_processes = max_processes
        self._session = session
        self._lock = threading.RLock()
        self._engine: Engine | None = None
        self._made_images: Images | None = None
        self._sandboxes: dict[int, SupervisedSandbox] = {}
        self._numbers = itertools.count(1)

    @property
    def name(self) -> str:
        """``docker``."""
        return "docker"

    def probe(self) -> ProbeResult:
        """Ask the engine who it is, and see that the base image is there or can be had."""
        try:
            facts = self._connected().facts
            if facts.podman:
                # See docs/docker.md; its images would say of themselves that they are somebody's containers.
                detail = f"the engine is podman {facts.version}, whose API differs where it matters here"
                return ProbeResult(provider=self.name, works=False, detail=detail, remedy=REMEDIES["podman"])
            self._images().machine()
        except SandboxError as error:
            remedy = REMEDIES.get(error.cause)
            return ProbeResult(provider=self.name, works=False, detail=str(error), remedy=remedy)
        return ProbeResult(provider=self.name, works=True, detail=f"engine {facts.version}, base image {self._base}")

    def refusal(self, resources: Resources, needs: Sequence[str]) -> str | None:
        """Return in one line what the engine cannot give, by name; None where it can give everything."""
        return refusal(resources, needs, self._connected().facts)

    def identify(self, key: str) -> str:
        """Return the tag of a family's image, see :meth:`pytest_metr.interfaces.Provider.identify`."""
        return self._images().identify(key)

    def snapshot(self, key: str, build: Callable[[Sandbox], None]) -> str:
        """Return the tag of a family's image, see :meth:`pytest_metr.interfaces.Provider.snapshot`.

        It is a container of the machine image in which *build* was made, kept as an image: what *build* hands to
        processes by their environment is in no layer and in nothing that the engine tells.
        """
        return self._images().family(key, lambda machine: self._built(machine, build))

    def create(self, snapshot: str, *, internet: bool, resources: Resources, label: str) -> SupervisedSandbox:
        """Make a sandbox, see :meth:`pytest_metr.interfaces.Provider.create`. *label* becomes its host name.

        :raises SandboxError: where there is no such image, the engine cannot give *resources*, or the container does
            not start.
        """
        self._images().image_id(snapshot)  # which says it where there is none
        reason = self.refusal(resources, ())
        if reason is not None:
            raise SandboxError(reason)
        container, notes = self._container(snapshot, internet=internet, resources=resources, label=label)
        return self._sandbox(container, snapshot, notes)

    def close(self) -> None:
        """Remove the containers that are open, and end the connection."""
        with self._lock:
            sandboxes = list(self._sandboxes.values())
            engine, self._engine, self._made_images = self._engine, None, None
        try:
            for sandbox in sandboxes:
                sandbox.close()
        finally:
            if engine is not None:
                engine.close()

    def __enter__(self) -> DockerProvider:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _connected(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = connect()
            return self._engine

    def _images(self) -> Images:
        with self._lock:
            if self._made_images is None:
                folder = self._cache_dir or cache_dir("docker")
                self._made_images = Images(self._connected(), base=self._base, cache_dir=folder)
            return self._made_images

    @contextmanager
    def _built(self, machine: str, build: Callable[[Sandbox], None]) -> Iterator[str]:
        container, notes = self._container(machine, internet=True, resources=Resources(), label="build", building=True)
        with self._sandbox(container, machine, notes) as sandbox:
            build(sandbox)
            sandbox.exec(["find", "/tmp", "-mindepth", "1", "-delete"], user="root", timeout=60)
            container.stop()
            yield container.id

    def _container(
        self, image: str, *, internet: bool, resources: Resources, label: str, building: bool = False
    ) -> tuple[Container, tuple[str, ...]]:
        engine = self._connected()
        calls = seccomp.program(engine.facts.architecture, one_user=False)

        def made(network: str) -> tuple[Container, tuple[str, ...]]:
            config, notes = host_config(
                engine, resources, network=network, max_processes=self._max_processes, building=building
            )
            create = {
                "hostname": hostname_of(label),
                "labels": container_labels(self._session, LIFETIME, label=label),
                "host_config": config,
                "use_config_proxy": False,  # nothing of this user's own settings gets in
            }
            return Container(engine, image, create=create, calls=calls or b""), notes

        container, notes = in_network(engine, made, internet=internet)
        if calls is None:
            notes = (*notes, f"no filter of system calls for {engine.facts.architecture} besides the engine's own")
        return container, notes

    def _sandbox(self, container: Container, image: str, notes: tuple[str, ...]) -> SupervisedSandbox:
        number = next(self._numbers)

        def dispose() -> None:
            with self._lock:
                self._sandboxes.pop(number, None)

        sandbox = SupervisedSandbox(
            container,
            self._info(image, notes),
            environment={"LANG": "C.UTF-8", **self._images().environment(image)},
            extra=self._extra(),
            code=CODE,
            dispose=dispose,
        )
        with self._lock:
            self._sandboxes[number] = sandbox
        return sandbox

    def _extra(self) -> Mapping[User, Mapping[str, Any]]:
        common = {"processes": None, "files": None}
        return {
            "root": {**common, "ids": None, "oom_score": 0, "most": self._max_processes},
            "agent": {**common, "ids": AGENT, "oom_score": _AGENT_OOM_SCORE, "most": None},
        }

    def _info(self, image: str, notes: tuple[str, ...]) -> SandboxInfo:
        facts = self._connected().facts
        versions = {
            "engine": facts.version,
            "api": facts.api_version,
            "kernel": facts.kernel,
            "base": self._images().base_name(),
            "image_id": self._images().image_id(image),
        }
        return SandboxInfo(provider=self.name, image=image, versions=versions, notes=notes)
