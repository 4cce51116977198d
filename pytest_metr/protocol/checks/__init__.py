"""The checks of a protocol: what must be true of the runs for a number about them to mean something."""

from pytest_metr.protocol.checks.table import CHECKS, Check, run_checks

__all__ = ["CHECKS", "Check", "run_checks"]
