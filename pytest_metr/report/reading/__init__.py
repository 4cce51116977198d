"""Runs from wherever they were recorded: sessions, reports, and files in the columns of METR's public runs."""

from typing import TYPE_CHECKING

from pytest_metr.on_demand import on_demand

if TYPE_CHECKING:
    from pytest_metr.report.reading.runset import RunSet as RunSet
    from pytest_metr.report.reading.runset import Source as Source
    from pytest_metr.report.reading.sources import read_runs as read_runs
    from pytest_metr.report.reading.transcript_file import DAMAGED as DAMAGED
    from pytest_metr.report.reading.transcript_file import read_transcript as read_transcript
    from pytest_metr.report.reading.whole_session import WholeSession as WholeSession
    from pytest_metr.report.reading.whole_session import read_session as read_session
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        runset="RunSet Source",
        sources="read_runs",
        transcript_file="DAMAGED read_transcript",
        whole_session="WholeSession read_session",
    )
