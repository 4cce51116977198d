"""Which sandbox provider a session uses."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from pytest_metr.errors import UsageMistake
from pytest_metr.interfaces import Provider
from pytest_metr.types import ProbeResult


def refuse_windows() -> None:
    """Refuse a system without the calls that files and processes are handled with here.

    :raises UsageMistake: on Windows; macOS has them, and is told by the providers that they need Linux.
    """
    if os.name == "nt":
        remedy = "run in WSL 2, or on Linux"
        raise UsageMistake(f"no sandbox can be made on Windows (remedy: {remedy})", key="--sandbox")


def _bubblewrap() -> Provider:
    from pytest_metr.sandbox import BubblewrapProvider

    return BubblewrapProvider()


#: The providers by name, the best first: that is the order in which ``auto`` tries them.
PROVIDERS: Mapping[str, Callable[[], Provider]] = {"bubblewrap": _bubblewrap}


def choose(name: str) -> Provider:
    """Return the provider that ``--sandbox`` names, or the first that works here for ``auto``.

    :raises UsageMistake: where it does not work, or none does; says the cause and the remedy of each.
    """
    failed = []
    for candidate in PROVIDERS if name == "auto" else (name,):
        provider = PROVIDERS[candidate]()
        result = provider.probe()
        if result.works:
            return provider
        provider.close()
        failed.append(explain(result))
    raise UsageMistake("no sandbox can be made here: " + "; ".join(failed), key=f"--sandbox={name}")


def explain(result: ProbeResult) -> str:
    """Return one line: what was tried, what happened and what to do."""
    line = f"{result.provider}: {result.detail}"
    return f"{line} (remedy: {result.remedy})" if result.remedy else line
