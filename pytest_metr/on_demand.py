"""Names of a package that are imported when they are first asked for (PEP 562).

The packages of the lower layers stand for some twenty modules each, and most of their users need few of them: a command
in the terminal, or a pytest that runs no task, would spend more time on making the other classes than on its work.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module


def on_demand(package: str, **modules: str) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and the ``__dir__`` of a package.

    :param package: its ``__name__``.
    :param modules: by the name of each module in it, the names that the package has from there, between spaces.
    """
    homes = {name: f"{package}.{module}" for module, names in modules.items() for name in names.split()}

    def get(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)  # the next one finds it there
        return value

    def names_of() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return get, names_of
