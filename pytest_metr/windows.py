"""Where nothing of this works."""

from __future__ import annotations

import os

from pytest_metr.errors import UsageMistake


def refuse_windows() -> None:
    """Refuse a system without the calls that files and processes are handled with here.

    :raises UsageMistake: on Windows; macOS has them, and is told by the providers that they need Linux.
    """
    if os.name == "nt":
        remedy = "run in WSL 2, or on Linux"
        raise UsageMistake(f"no sandbox can be made on Windows (remedy: {remedy})", key="--sandbox")
