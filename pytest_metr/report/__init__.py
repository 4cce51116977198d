"""What a session leaves behind: journal, transcripts, the report document, METR's rows and the last lines shown."""

from pytest_metr.report.document import Judged, build_report, complete_runs
from pytest_metr.report.files import write_json, write_jsonl
from pytest_metr.report.journal import Journal, JournalContent, read_journal
from pytest_metr.report.pictures import draw_brackets, draw_horizon, draw_overview
from pytest_metr.report.public import public_rows
from pytest_metr.report.reading import RunSet, read_runs
from pytest_metr.report.redact import Redactor
from pytest_metr.report.results import result_lines, result_markdown
from pytest_metr.report.schema import report_schema
from pytest_metr.report.session import SCHEMA_NAME, SCHEMA_VERSION, SessionInfo
from pytest_metr.report.submission import keep_submission
from pytest_metr.report.summary import summary_lines
from pytest_metr.report.transcript import Transcript

__all__ = [
    "SCHEMA_NAME",
    "SCHEMA_VERSION",
    "Journal",
    "JournalContent",
    "Judged",
    "Redactor",
    "RunSet",
    "SessionInfo",
    "Transcript",
    "build_report",
    "complete_runs",
    "draw_brackets",
    "draw_horizon",
    "draw_overview",
    "keep_submission",
    "public_rows",
    "read_journal",
    "read_runs",
    "report_schema",
    "result_lines",
    "result_markdown",
    "summary_lines",
    "write_json",
    "write_jsonl",
]
