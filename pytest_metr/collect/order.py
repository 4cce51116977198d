"""The order in which runs are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def order_runs(items: Iterable[T], key: Callable[[T], tuple[str, str, int]]) -> list[T]:
    """Return *items* with run 1 of every task before any run 2, so that a session cut short is still even.

    Within a run number the families stay in the order in which they were first met, and the names of a
    family's tasks are sorted. Items that are equal in all this keep their order.

    :param key: returns an item's family (as one text that no other family has), task name and run number.
    """
    families: dict[str, int] = {}
    keyed = []
    for item in items:
        family, task, run = key(item)
        keyed.append(((run, families.setdefault(family, len(families)), task), item))
    keyed.sort(key=lambda pair: pair[0])
    return [item for _, item in keyed]
