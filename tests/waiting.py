"""Waiting for what another process does, in bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable


def becomes_true(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether a condition holds within *seconds*; looked at often."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
