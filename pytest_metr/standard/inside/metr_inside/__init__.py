"""Calls the methods of a task family inside the sandbox; :mod:`.main` has the protocol."""
