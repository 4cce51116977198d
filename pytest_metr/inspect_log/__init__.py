"""Sessions as logs of Inspect, for which the extra ``inspect`` must be installed.

What needs it is :mod:`pytest_metr.inspect_log.writing` and what that is made of.
"""

from pytest_metr.inspect_log.written import WrittenLog

__all__ = ["WrittenLog"]
