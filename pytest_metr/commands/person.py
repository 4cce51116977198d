"""Whose word it is."""

from __future__ import annotations

import getpass

from pytest_metr.errors import UsageMistake


def person(given: str | None, option: str) -> str:
    """Return the name that was given, else that of the user.

    :param option: with which it can be given.
    :raises UsageMistake: where neither has one: in a container, a user is often but a number.
    """
    if given:
        return given
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        raise UsageMistake("expected a name, since the user has none here", key=option) from None
