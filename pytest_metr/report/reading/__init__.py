"""Runs from wherever they were recorded: sessions, reports, and files in the columns of METR's public runs."""

from pytest_metr.report.reading.runset import RunSet, Source
from pytest_metr.report.reading.sources import read_runs

__all__ = ["RunSet", "Source", "read_runs"]
