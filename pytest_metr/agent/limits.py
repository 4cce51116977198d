"""The limits that a file gives an agent."""

from __future__ import annotations

from pytest_metr.defaults import LIMITS
from pytest_metr.fields import Fields
from pytest_metr.types import Limits


def read_limits(fields: Fields, *, alone: bool = False) -> Limits:
    """Read a mapping of limits.

    :param alone: whether it may hold nothing else.
    :raises UsageMistake: where one is no number that makes sense.
    """
    given = {
        name: fields.whole(name, "of at least 1", lambda number: number >= 1)
        if kind is int
        else fields.positive_number(name)
        for name, kind in LIMITS.items()
    }
    if alone:
        fields.finish()
    return Limits.from_json(given)
