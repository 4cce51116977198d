"""Starts the helper: ``python -I helper.py METHOD < request``, as root. :mod:`.metr_inside.main` has the protocol."""

from __future__ import annotations

import importlib
import os
import sys


def main() -> int:
    """Run the helper that lies beside this file, and leave nothing of it where a family's imports would look."""
    folder = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - the start is to load little
    sys.path.insert(0, folder)
    helper = importlib.import_module("metr_inside.main")
    sys.path.remove(folder)
    return int(helper.main())


if __name__ == "__main__":
    raise SystemExit(main())
