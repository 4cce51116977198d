"""Where tasks run: the providers of sandboxes."""

from pytest_metr.sandbox.bubblewrap import BubblewrapProvider, reap

__all__ = ["BubblewrapProvider", "reap"]
