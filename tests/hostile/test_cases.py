"""Every case on every provider."""

from __future__ import annotations

import pytest

from tests.hostile.arena import Arena, Grounds, Host
from tests.hostile.registry import CASES


@pytest.mark.parametrize("name", CASES)
def test_it_holds(grounds: Grounds, name: str) -> None:
    case = CASES[name]
    before = Host.look()
    arena = Arena(grounds, limited=grounds.provider.name in case.limits, shared=case.shared)
    try:
        case.check(arena)
        arena.aftermath()
    finally:
        arena.close()
    Host.look().assert_same(before)
