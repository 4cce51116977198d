"""The name that a sandbox has on its network."""

from __future__ import annotations

import re


def hostname_of(label: str) -> str:
    """Return *label* as the name of a host: letters, digits and hyphens, at most 63."""
    return re.sub(r"[^A-Za-z0-9]+", "-", label)[:63].strip("-") or "sandbox"
