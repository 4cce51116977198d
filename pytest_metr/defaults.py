"""What holds unless somebody says otherwise, in every process and for both faces. Imports nothing of ours."""

from __future__ import annotations

import os
from pathlib import Path

#: The image that machines of the Docker provider are made from, unless another is named.
DOCKER_BASE = "python:3.11-slim"
#: The limits that there are, and what their numbers are; :class:`pytest_metr.types.Limits` says what they mean.
LIMITS = {"wall_seconds": float, "working_seconds": float, "tokens": int, "cost": float, "actions": int}


def cache_dir(name: str) -> Path:
    """Return the user's cache folder for *name*, below ``XDG_CACHE_HOME`` or else ``~/.cache``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pytest-metr" / name
