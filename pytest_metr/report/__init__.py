"""What a session leaves behind: journal, transcripts, the report document, METR's rows and the last lines shown."""

from pytest_metr.report.document import Judged, build_report, complete_runs
from pytest_metr.report.files import write_bytes, write_json, write_jsonl, writing
from pytest_metr.report.journal import Journal, JournalContent, JournalReader, journal_of, read_journal
from pytest_metr.report.past import PastRun, PastRuns
from pytest_metr.report.pictures import draw_brackets, draw_horizon, draw_overview
from pytest_metr.report.plan_file import load_plan, plan_so_far
from pytest_metr.report.public import public_rows
from pytest_metr.report.reading import RunSet, read_runs
from pytest_metr.report.redact import Redactor
from pytest_metr.report.results import result_lines, result_markdown
from pytest_metr.report.schema import report_schema
from pytest_metr.report.session import SCHEMA_NAME, SCHEMA_VERSION, Resumption, SessionInfo
from pytest_metr.report.submission import keep_submission
from pytest_metr.report.summary import summary_lines
from pytest_metr.report.transcript import Transcript
from pytest_metr.report.tries import killed_tries, names_of, transcript_of

__all__ = [
    "SCHEMA_NAME",
    "SCHEMA_VERSION",
    "Journal",
    "JournalContent",
    "JournalReader",
    "Judged",
    "PastRun",
    "PastRuns",
    "Redactor",
    "Resumption",
    "RunSet",
    "SessionInfo",
    "Transcript",
    "build_report",
    "complete_runs",
    "draw_brackets",
    "draw_horizon",
    "draw_overview",
    "journal_of",
    "keep_submission",
    "killed_tries",
    "load_plan",
    "names_of",
    "plan_so_far",
    "public_rows",
    "read_journal",
    "read_runs",
    "report_schema",
    "result_lines",
    "result_markdown",
    "summary_lines",
    "transcript_of",
    "write_bytes",
    "write_json",
    "write_jsonl",
    "writing",
]
