"""The limits that a file gives an agent."""

from __future__ import annotations

from pytest_metr.fields import Fields
from pytest_metr.types import Limits


def read_limits(fields: Fields, *, alone: bool = False) -> Limits:
    """Read a mapping of limits.

    :param alone: whether it may hold nothing else.
    :raises UsageMistake: where one is no number that makes sense.
    """
    limits = Limits(
        wall_seconds=fields.positive_number("wall_seconds"),
        working_seconds=fields.positive_number("working_seconds"),
        tokens=fields.whole("tokens", "of at least 1", lambda number: number >= 1),
        cost=fields.positive_number("cost"),
        actions=fields.whole("actions", "of at least 1", lambda number: number >= 1),
    )
    if alone:
        fields.finish()
    return limits
