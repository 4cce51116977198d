"""What dead processes have left with the engine: found by its labels, and removed. Nothing else is ever touched."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from docker.errors import APIError, NotFound

from pytest_metr.sandbox.docker.engine import Engine, explained
from pytest_metr.sandbox.docker.labels import DEADLINE, LABEL, OWNER, SESSION
from pytest_metr.sandbox.docker.network import NAME, remove_network, unused_networks
from pytest_metr.sandbox.owner import life_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A container whose owner is dead, or cannot be looked for and has outlived its deadline."""

    id: str
    name: str
    session: str
    label: str

    def __str__(self) -> str:
        return f"container {self.name} ({self.label}; session {self.session or 'none'})"


def left_behind(engine: Engine) -> list[Leftover]:
    """Return what is left behind with the engine, sorted by name. :raises SandboxError: where it does not answer."""
    with explained("the engine does not list its containers"):
        listed = engine.api.containers(all=True, filters={"label": OWNER})
    found = [_leftover(entry) for entry in listed if _is_left(entry["Labels"])]
    return sorted(found, key=lambda leftover: leftover.name)


def reap(engine: Engine) -> list[str]:
    """Remove what is left behind, and our network where nothing uses it; return a line for each thing removed.

    What another process removes at the same moment is no error, and is not in the answer.

    :raises SandboxError: where the engine does not answer.
    """
    removed = []
    for leftover in left_behind(engine):
        with explained(f"{leftover} could not be removed"):
            try:
                engine.api.remove_container(leftover.id, force=True, v=True)
            except NotFound:
                continue
            except APIError as error:
                if error.status_code != 409:  # it is being removed by somebody else
                    raise
                continue
        removed.append(str(leftover))
    return [*removed, *remove_network(engine)]


def would_reap(engine: Engine) -> list[str]:
    """Return a line for each thing that :func:`reap` would remove.

    :raises SandboxError: where the engine does not answer.
    """
    found = left_behind(engine)
    networks = unused_networks(engine, besides=[leftover.id for leftover in found])
    return [*map(str, found), *(f"network {NAME}" for _ in networks)]


def _is_left(labels: dict[str, str]) -> bool:
    try:
        life = life_of(labels[OWNER])
    except ValueError:
        return False  # an image's, which has none, or nothing that we have written
    if life == "unknown":
        return labels.get(DEADLINE, "").isdigit() and int(labels[DEADLINE]) < time.time()
    return life == "dead"


def _leftover(entry: dict[str, Any]) -> Leftover:
    labels = entry["Labels"]
    return Leftover(
        id=entry["Id"],
        name=entry["Names"][0].lstrip("/") if entry["Names"] else entry["Id"][:12],
        session=labels.get(SESSION, ""),
        label=labels.get(LABEL, ""),
    )
