"""The images of machines: that on which nothing is installed yet, and those of families."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from docker.errors import APIError, NotFound
from filelock import FileLock

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.docker import labels
from pytest_metr.sandbox.docker.building import build_machine, machine_files, pull
from pytest_metr.sandbox.docker.engine import Engine, explained

#: Part of the tag of every machine image; to be raised when what a family needs of it changes.
LAYOUT_VERSION = 1
MACHINES, FAMILIES = "pytest-metr/machine", "pytest-metr/family"


class Images:
    """The images of one engine that are made from one base image.

    :param base: the base image: a name, a name with a digest, or an id. It is pulled where it is not there.
    :param cache_dir: where the locks are by which processes of this host wait for each other's builds.
    """

    def __init__(self, engine: Engine, *, base: str, cache_dir: Path) -> None:
        self._engine = engine
        self._base = base
        self._cache_dir = cache_dir
        self._lock = threading.RLock()
        self._base_found: dict[str, Any] | None = None
        self._machine: str | None = None
        self._inspected: dict[str, dict[str, Any]] = {}

    def base_id(self) -> str:
        """Return the id of the base image, which is pulled where it is not there.

        :raises SandboxError: with the cause ``image_missing`` where it is not there and cannot be pulled.
        """
        return str(self._found_base()["Id"])

    def base_name(self) -> str:
        """Return the name of the base image for records, with the digest by which a registry knows it, if one does."""
        digests = self._found_base().get("RepoDigests") or []
        return str(digests[0]) if digests else f"{self._base} ({self.base_id()})"

    def machine(self) -> str:
        """Return the tag of the machine image, building it where it is missing.

        :raises SandboxError: where the base image is missing, or no machine can be made of it.
        """
        with self._lock:
            tag = self._machine_tag()
            if self._machine != tag:
                if not self._exists(tag):
                    with self._locked(tag):
                        if not self._exists(tag):
                            build_machine(self._engine, tag, base=self._base, base_id=self.base_id())
                self._machine = tag
            return tag

    def identify(self, key: str) -> str:
        """Return the tag of the family image of *key*, whether it is there or not.

        :raises SandboxError: as :meth:`base_id`.
        """
        digest = hashlib.sha256(f"{self._machine_tag()}\0{key}".encode()).hexdigest()
        return f"{FAMILIES}:{digest[:32]}"

    def family(self, key: str, build: Callable[[str], AbstractContextManager[str]]) -> str:
        """Return the tag of the family image of *key*, building it where it is missing.

        However many processes of this host ask, one of them builds. Where *build* raises, nothing is kept.

        :param build: gets the tag of the machine image; what it yields is the id of a stopped container to be kept.
        :raises SandboxError: where the image cannot be made.
        """
        tag = self.identify(key)
        if self._exists(tag):
            return tag
        with self._locked(tag):
            if not self._exists(tag):
                machine = self.machine()
                with build(machine) as container:
                    self._commit(container, tag, key=key, machine=machine)
        return tag

    def environment(self, tag: str) -> dict[str, str]:
        """Return the environment that an image gives to its processes.

        :raises SandboxError: with the cause ``image_missing`` where there is no such image.
        """
        pairs = self._inspect(tag)["Config"].get("Env") or []
        return dict(pair.split("=", 1) for pair in pairs if "=" in pair)

    def image_id(self, tag: str) -> str:
        """Return the id of an image.

        :raises SandboxError: with the cause ``image_missing`` where there is no such image.
        """
        return str(self._inspect(tag)["Id"])

    def _found_base(self) -> dict[str, Any]:
        with self._lock:
            if self._base_found is None:
                found = self._look(self._base)
                if found is None:
                    pull(self._engine, self._base)
                    found = self._look(self._base)
                if found is None:
                    raise SandboxError(f"the base image {self._base} is not there", cause="image_missing")
                self._base_found = found
            return self._base_found

    def _machine_tag(self) -> str:
        digest = hashlib.sha256(f"{LAYOUT_VERSION}\0{self.base_id()}\0".encode())
        for path, content in machine_files().items():
            digest.update(f"{path}\0{len(content)}\0".encode() + content)
        return f"{MACHINES}:{digest.hexdigest()[:32]}"

    def _exists(self, tag: str) -> bool:
        return self._look(tag) is not None

    def _look(self, name: str) -> dict[str, Any] | None:
        with explained(f"the engine was asked for the image {name}"):
            try:
                found: dict[str, Any] = self._engine.api.inspect_image(name)
            except NotFound:
                return None
        return found

    def _inspect(self, tag: str) -> dict[str, Any]:
        with self._lock:
            if tag not in self._inspected:
                found = self._look(tag)
                if found is None:
                    raise SandboxError(f"there is no image {tag}", cause="image_missing")
                self._inspected[tag] = found
            return self._inspected[tag]

    def _commit(self, container: str, tag: str, *, key: str, machine: str) -> None:
        repository, _, name = tag.partition(":")
        kept = {
            **labels.blank_container_labels(),  # the engine would take over the container's own
            labels.IMAGE: tag,
            labels.KEY: key,
            labels.BASE: self.base_id(),
            labels.MACHINE: machine,
        }
        with explained("a container could not be kept as an image"):
            self._engine.api.commit(container, repository=repository, tag=name, conf={"Labels": kept})

    @contextlib.contextmanager
    def _locked(self, tag: str) -> Iterator[None]:
        try:
            self._cache_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = FileLock(self._cache_dir / f"{tag.replace('/', '-').replace(':', '-')}.lock")
            lock.acquire()
        except OSError as error:
            raise SandboxError(f"no lock can be taken in {self._cache_dir}: {error}") from error
        try:
            yield
        finally:
            lock.release()


def unused_images(engine: Engine) -> list[str]:
    """Return the images of families and machines that no container uses: their tags, or ids where they have none.

    The machine image below a family image that is used is in use too. Families come before machines.

    :raises SandboxError: where the engine does not answer.
    """
    with explained("the engine does not list its images"):
        ours = engine.api.images(filters={"label": labels.IMAGE})
        used = {entry["ImageID"] for entry in engine.api.containers(all=True)}
    below = {entry["Labels"].get(labels.MACHINE) for entry in ours if entry["Id"] in used}
    unused = []
    for entry in ours:
        tags = [tag for tag in entry["RepoTags"] or [] if tag.startswith((f"{MACHINES}:", f"{FAMILIES}:"))]
        if entry["Id"] not in used and below.isdisjoint(tags):
            unused += tags or [entry["Id"]]
    return sorted(unused, key=lambda name: (not name.startswith(FAMILIES), name))


def remove_images(engine: Engine) -> list[str]:
    """Remove what :func:`unused_images` finds, and return it; what is used by now is left.

    :raises SandboxError: where the engine does not answer.
    """
    removed = []
    for name in unused_images(engine):
        with explained(f"the image {name} could not be removed"):
            try:
                engine.api.remove_image(name)
            except APIError as error:
                if error.status_code not in (404, 409):
                    raise
                continue
        removed.append(name)
    return removed
