"""The network of sandboxes: none, or one that all sandboxes with the internet share without reaching each other."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from docker.errors import APIError

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.docker.engine import Engine, explained
from pytest_metr.sandbox.docker.labels import NETWORK

Made = TypeVar("Made")

#: The one network of ours: one address pool of the engine's few, however many sandboxes there are.
NAME = "pytest-metr"
_NONE = "none"
_TRIES = 5
#: How older engines refuse a name that two networks have.
_AMBIGUOUS = "is ambiguous"
_OPTIONS = {"com.docker.network.bridge.enable_icc": "false"}


def network_for(engine: Engine, *, internet: bool) -> str:
    """Return the network for a new container: ``none``, or the id of ours, which is made at first need.

    :raises SandboxError: where it cannot be made, or somebody else has one of that name.
    """
    if not internet:
        return _NONE
    with explained(f"the network {NAME} could not be made"):
        for _ in range(_TRIES):
            if not _ours(engine):
                _make(engine)
            found = _the_one(engine)
            if found is not None:
                return found
    raise SandboxError(f"the network {NAME} is removed by somebody each time that it is made")


def in_network(engine: Engine, make: Callable[[str], Made], *, internet: bool) -> Made:
    """Return what *make* makes in the network that :func:`network_for` gives it.

    Another process, which is ending, may find the network unused and remove it just before there is a container in it,
    or make a second one of its name at the same moment; then *make* is called again.

    :raises SandboxError: as *make* does, and as :func:`network_for`.
    """
    for _ in range(_TRIES):
        network = network_for(engine, internet=internet)
        try:
            return make(network)
        except SandboxError as error:
            if network == _NONE or (_AMBIGUOUS not in str(error) and _is_there(engine, network)):
                raise
    return make(network_for(engine, internet=internet))


def _is_there(engine: Engine, network: str) -> bool:
    with explained("the engine does not list its networks"):
        return any(one["Id"] == network for one in _ours(engine))


def unused_networks(engine: Engine, *, besides: Collection[str] = ()) -> list[str]:
    """Return the ids of our network (of older engines there may be two) where no container of it is there.

    The engine itself does not count a container that is made and not started yet; here it counts.

    :param besides: ids of containers that do not count.
    :raises SandboxError: where the engine does not answer.
    """
    with explained("the engine does not list its networks"):
        containers = [one for one in engine.api.containers(all=True) if one["Id"] not in besides]
        used = {name for one in containers for name in _networks_of(one)}
        return [network["Id"] for network in _ours(engine) if used.isdisjoint((network["Id"], network["Name"]))]


def remove_network(engine: Engine) -> list[str]:
    """Remove our network where no container of it is there, and return a line for what was removed.

    :raises SandboxError: where the engine does not answer.
    """
    removed = []
    for network in unused_networks(engine):
        with explained(f"the network {NAME} could not be removed"):
            try:
                engine.api.remove_network(network)
            except APIError as error:
                if error.status_code not in (403, 404, 409):
                    raise
                continue  # a container has come, or somebody else has removed it
        removed.append(f"network {NAME}")
    return removed


def _networks_of(container: dict[str, Any]) -> set[str | None]:
    connected = (container.get("NetworkSettings") or {}).get("Networks") or {}
    ids = {settings.get("NetworkID") for settings in connected.values() if settings}
    return {(container.get("HostConfig") or {}).get("NetworkMode"), *connected, *ids}


def _ours(engine: Engine) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = engine.api.networks(names=[NAME], filters={"label": NETWORK})
    return [network for network in found if network["Name"] == NAME]


def _the_one(engine: Engine) -> str | None:
    """Return the id of our network, or None where it is gone again.

    It is the oldest of that name, and the others are removed: older engines let two processes make two at once.
    """
    found = sorted(_ours(engine), key=lambda network: (network["Created"], network["Id"]))
    for other in found[1:]:
        try:
            engine.api.remove_network(other["Id"])
        except APIError as error:
            if error.status_code not in (403, 404, 409):
                raise
            continue  # somebody else has removed it, or has a container in it that will not start
    return str(found[0]["Id"]) if found else None


def _make(engine: Engine) -> None:
    try:
        engine.api.create_network(NAME, driver="bridge", options=_OPTIONS, labels={NETWORK: NAME}, check_duplicate=True)
    except APIError as error:
        if error.status_code != 409 or not _ours(engine):
            raise  # it is not another process that was faster
