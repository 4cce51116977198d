"""The connection to an engine that speaks Docker's API, what it says of itself, and what its errors mean."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import docker
import docker.constants
import docker.errors
import docker.utils
import requests.exceptions
import urllib3.exceptions

from pytest_metr.errors import SandboxError

#: Seconds in which the engine has to answer a request.
PATIENCE = 60.0
#: Connections that are kept open: for the runs that a process has under way at once.
_POOL = 32
#: What engines say, in small letters, by the cause behind it; the first that fits counts.
_SAID = (
    ("disk_full", ("no space left on device", "disk quota exceeded")),
    ("out_of_memory", ("cannot allocate memory", "out of memory")),
    ("exec", ("oci runtime", "cannot start a container", "executable file not found", "exec format error")),
    ("image_missing", ("no such image", "manifest unknown", "pull access denied")),
    ("container_removed", ("no such container", "is already in progress", "container is dead", "marked for removal")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFacts:
    """What an engine says of itself.

    :param backing_filesystem: what the storage driver lies on; empty where that is not said.
    :param memory_limit: whether it can cap memory; *swap_limit*, *pids_limit* and *cpu_limit* likewise.
    :param cpus: processors, and *memory_bytes* of memory, that the engine's machine has.
    """

    version: str
    api_version: str
    storage_driver: str
    backing_filesystem: str
    architecture: str
    kernel: str
    memory_limit: bool
    swap_limit: bool
    pids_limit: bool
    cpu_limit: bool
    cpus: int
    memory_bytes: int
    gpus: bool
    podman: bool


class _Client(docker.APIClient):  # type: ignore[misc]  # the SDK carries no type information
    """The SDK's client, but one that keeps to the certificates that it was given for its engine.

    The layer below would take those of ``REQUESTS_CA_BUNDLE`` before them, which are for other servers.
    """

    def merge_environment_settings(self, url: str, proxies: Any, stream: Any, verify: Any, cert: Any) -> dict[str, Any]:
        """Return the settings of a request, see :meth:`requests.Session.merge_environment_settings`."""
        settings: dict[str, Any] = super().merge_environment_settings(url, proxies, stream, verify, cert)
        return settings if self.verify is True else {**settings, "verify": self.verify}


class Engine:
    """A connection. May be used from several threads at once.

    :ivar api: the SDK's low-level client.
    """

    def __init__(self, api: docker.APIClient) -> None:
        self.api = api
        self._abilities: dict[str, bool] = {}

    def can(self, what: str, find_out: Callable[[], bool]) -> bool:
        """Return whether the engine can do something, found out by trying it once."""
        if what not in self._abilities:
            self._abilities[what] = find_out()
        return self._abilities[what]

    @cached_property
    def facts(self) -> EngineFacts:
        """What the engine says of itself, asked once. :raises SandboxError: where it does not answer."""
        with explained("the engine does not say what it is"):
            version, info = self.api.version(), self.api.info()
        components = [str(part.get("Name", "")) for part in version.get("Components") or ()]
        return EngineFacts(
            version=str(version["Version"]),
            api_version=str(version["ApiVersion"]),
            storage_driver=str(info.get("Driver") or "unknown"),
            backing_filesystem=_backing_filesystem(info),
            architecture=_architecture(str(info["Architecture"])),
            kernel=str(info["KernelVersion"]),
            memory_limit=bool(info.get("MemoryLimit")),
            swap_limit=bool(info.get("SwapLimit")),
            pids_limit=bool(info.get("PidsLimit")),
            cpu_limit=bool(info.get("CpuCfsQuota")),
            cpus=int(info["NCPU"]),
            memory_bytes=int(info["MemTotal"]),
            gpus=any(str(name).startswith("nvidia") for name in info.get("Runtimes") or {}),
            podman=any("podman" in name.lower() for name in components),
        )

    def close(self) -> None:
        """End the connection."""
        self.api.close()


def connect(*, timeout: float = PATIENCE) -> Engine:
    """Connect to the engine that ``DOCKER_HOST`` and what belongs to it names, else the one of ``DOCKER_CONTEXT``, else
    that of the current context of Docker's command line, else the one of this machine.

    :param timeout: seconds in which it has to answer each request.
    :raises SandboxError: with the cause ``daemon`` where there is none that answers.
    """
    with explained("no engine answers"):
        address = _address()
        _knock(address.get("base_url") or docker.constants.DEFAULT_UNIX_SOCKET)
        api = _Client(**address, version="auto", timeout=timeout, max_pool_size=_POOL)
        api.ping()
    return Engine(api)


def _knock(address: str) -> None:
    """Connect to a socket of this machine once, as the SDK leaves its own open where nobody listens there."""
    scheme, _, path = address.partition("://")
    if scheme in ("unix", "http+unix"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(f"/{path.lstrip('/')}")


def _address() -> dict[str, Any]:
    from_environment: dict[str, Any] = docker.utils.kwargs_from_env()
    if os.environ.get("DOCKER_HOST"):
        return from_environment
    # The SDK knows the context of Docker's configuration, and not the variable that goes before it.
    name = os.environ.get("DOCKER_CONTEXT") or None
    context = docker.ContextAPI.get_context(name)
    if context is None:
        raise docker.errors.DockerException(f"there is no Docker context {name or 'of the name in use'}")
    if context.name == "default":
        return from_environment
    return {"base_url": context.Host, "tls": context.TLSConfig or False}


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn whatever the SDK and the layers below it raise into one error with its cause.

    :param doing: what it means that it failed, the beginning of a sentence.
    :raises SandboxError: with the cause ``daemon``, ``container_removed``, ``image_missing``, ``disk_full``, ``exec``,
        ``out_of_memory`` or ``sandbox``.
    """
    try:
        yield
    except docker.errors.DockerException as error:
        raise _error(doing, error, cause_of(error)) from error
    except (
        docker.errors.StreamParseError,
        requests.exceptions.RequestException,
        urllib3.exceptions.HTTPError,
        OSError,
    ) as error:
        raise _error(doing, error, "daemon") from error


def cause_of(error: Exception | str) -> str:
    """Return the cause, as :class:`~pytest_metr.errors.SandboxError` has it, that an engine's error or text tells."""
    text = str(error).lower()
    for cause, signs in _SAID:
        if any(sign in text for sign in signs):
            return cause
    if isinstance(error, docker.errors.APIError):
        # What stands before an engine says that it is not there.
        return "daemon" if error.status_code in (502, 503, 504) else "sandbox"
    # An exception of another kind is not an answer of the engine's: there was none.
    return "daemon" if isinstance(error, Exception) else "sandbox"


def _error(doing: str, error: Exception, cause: str) -> SandboxError:
    below = None if isinstance(error, docker.errors.APIError) else _below(error)
    said = getattr(error, "explanation", None) or error
    text = " ".join(str(said).split()) if below is None else _of_system(below)
    return SandboxError(f"{doing}: {text if len(text) <= 800 else text[:800] + '...'}", cause=cause)


def _below(error: BaseException) -> OSError | None:
    """Return the error of the system behind one of the SDK's, if there is one."""
    seen: list[BaseException] = [error]
    for one in seen:  # grows while it is gone through
        # The classes of requests are errors of the system too, and say nothing that helps.
        if isinstance(one, OSError) and not isinstance(one, requests.exceptions.RequestException):
            return one
        behind = (one.__cause__, one.__context__, *one.args)
        seen += [other for other in behind if isinstance(other, BaseException) and other not in seen]
    return None


def _of_system(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "this user may not use the engine's socket (members of its group may, which is often called docker)"
    if isinstance(error, FileNotFoundError):
        return "there is no such socket, so no engine is running there"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there, so no engine is running"
    if isinstance(error, ConnectionError):
        return f"the engine has closed the connection ({error})"
    if isinstance(error, TimeoutError):
        return "the engine did not answer in time"
    return f"the connection failed ({error})"


def _backing_filesystem(info: Mapping[str, Any]) -> str:
    status = {str(pair[0]): str(pair[1]) for pair in info.get("DriverStatus") or () if len(pair) == 2}
    return status.get("Backing Filesystem", "")


def _architecture(name: str) -> str:
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(name, name)
