"""Sandboxes made with bubblewrap: no daemon, no root, no image."""

from pytest_metr.sandbox.bubblewrap.provider import BubblewrapProvider
from pytest_metr.sandbox.bubblewrap.state import left_behind, reap

__all__ = ["BubblewrapProvider", "left_behind", "reap"]
