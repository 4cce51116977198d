"""What a case of the hostile suite is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.hostile.arena import Arena


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that an agent tries.

    :param check: does it and asserts what must hold; the case has its name. Where the provider is among the limits
        (``arena.limited``) it asserts what the limit says instead.
    :param tries: what is tried, for the docs.
    :param holds: what must hold, for the docs.
    :param limits: by provider that does not withstand it: what happens instead.
    :param shared: whether it leaves nothing behind, so that others may be played in the same sandbox.
    """

    check: Callable[[Arena], None]
    tries: str
    holds: str
    limits: Mapping[str, str] = field(default_factory=dict)
    shared: bool = False

    @property
    def name(self) -> str:
        """The name that tests and docs know it by."""
        return self.check.__name__
