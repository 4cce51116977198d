"""Runs from wherever they were recorded: sessions, reports, and files in the columns of METR's public runs."""

from pytest_metr.report.reading.runset import RunSet, Source
from pytest_metr.report.reading.sources import read_runs
from pytest_metr.report.reading.transcript_file import DAMAGED, read_transcript
from pytest_metr.report.reading.whole_session import WholeSession, read_session

__all__ = ["DAMAGED", "RunSet", "Source", "WholeSession", "read_runs", "read_session", "read_transcript"]
