"""``python -m pytest_metr`` is the command ``pytest-metr``."""

import sys

from pytest_metr.cli import main

sys.exit(main())
