"""The labels by which containers, images and the network of this package are known as such."""

from __future__ import annotations

import time

from pytest_metr.sandbox.owner import mark

_PREFIX = "org.pytest-metr"
SESSION = f"{_PREFIX}.session"
OWNER = f"{_PREFIX}.owner"
DEADLINE = f"{_PREFIX}.deadline"
LABEL = f"{_PREFIX}.label"
#: Of images: their tag, the key of the family, the id of the base image.
IMAGE = f"{_PREFIX}.image"
KEY = f"{_PREFIX}.key"
BASE = f"{_PREFIX}.base"
MACHINE = f"{_PREFIX}.machine"
#: Of the network.
NETWORK = f"{_PREFIX}.network"


def container_labels(session: str, lifetime: float, *, label: str) -> dict[str, str]:
    """Return the labels of a container of this process.

    :param session: the id of the session.
    :param lifetime: seconds from now after which it is taken for left behind where its owner cannot be looked for.
    :param label: what it is for.
    """
    return {SESSION: session, OWNER: mark(), DEADLINE: str(int(time.time() + lifetime)), LABEL: label}


def blank_container_labels() -> dict[str, str]:
    """Return what takes the place of a container's labels in an image that is made from it.

    A container that somebody makes of the image by hand would be taken for one of ours.
    """
    return dict.fromkeys((SESSION, OWNER, DEADLINE, LABEL), "")
