"""A stockroom: events in, report out; SPEC.md says how."""

from .engine import run

__all__ = ["run"]
