"""Fixtures of the tests of studies."""

from __future__ import annotations

from tests.unit.commands.conftest import command

__all__ = ["command"]
