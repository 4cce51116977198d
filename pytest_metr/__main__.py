"""``python -m pytest_metr`` is the command ``pytest-metr``."""

from pytest_metr.cli import run

run()
