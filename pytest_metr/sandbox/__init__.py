"""Where tasks run: the providers of sandboxes."""

from pytest_metr.sandbox.bubblewrap import BubblewrapProvider, left_behind, reap

__all__ = ["BubblewrapProvider", "left_behind", "reap"]
