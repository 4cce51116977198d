"""What a session leaves behind: journal, transcripts, the report document, METR's rows and the last lines shown."""

from typing import TYPE_CHECKING

from pytest_metr.on_demand import on_demand

if TYPE_CHECKING:
    from pytest_metr.report.document import Judged as Judged
    from pytest_metr.report.document import build_report as build_report
    from pytest_metr.report.document import complete_runs as complete_runs
    from pytest_metr.report.files import write_bytes as write_bytes
    from pytest_metr.report.files import write_json as write_json
    from pytest_metr.report.files import write_jsonl as write_jsonl
    from pytest_metr.report.files import writing as writing
    from pytest_metr.report.journal import Journal as Journal
    from pytest_metr.report.journal import JournalContent as JournalContent
    from pytest_metr.report.journal import JournalReader as JournalReader
    from pytest_metr.report.journal import journal_of as journal_of
    from pytest_metr.report.journal import read_journal as read_journal
    from pytest_metr.report.past import PastRun as PastRun
    from pytest_metr.report.past import PastRuns as PastRuns
    from pytest_metr.report.pictures import draw_brackets as draw_brackets
    from pytest_metr.report.pictures import draw_horizon as draw_horizon
    from pytest_metr.report.pictures import draw_overview as draw_overview
    from pytest_metr.report.plan_file import load_plan as load_plan
    from pytest_metr.report.plan_file import plan_so_far as plan_so_far
    from pytest_metr.report.public import public_rows as public_rows
    from pytest_metr.report.reading import RunSet as RunSet
    from pytest_metr.report.reading import read_runs as read_runs
    from pytest_metr.report.redact import Redactor as Redactor
    from pytest_metr.report.results import result_lines as result_lines
    from pytest_metr.report.results import result_markdown as result_markdown
    from pytest_metr.report.schema import report_schema as report_schema
    from pytest_metr.report.session import SCHEMA_NAME as SCHEMA_NAME
    from pytest_metr.report.session import SCHEMA_VERSION as SCHEMA_VERSION
    from pytest_metr.report.session import Resumption as Resumption
    from pytest_metr.report.session import SessionInfo as SessionInfo
    from pytest_metr.report.submission import keep_submission as keep_submission
    from pytest_metr.report.summary import summary_lines as summary_lines
    from pytest_metr.report.transcript import Transcript as Transcript
    from pytest_metr.report.tries import killed_tries as killed_tries
    from pytest_metr.report.tries import names_of as names_of
    from pytest_metr.report.tries import transcript_of as transcript_of
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        document="Judged build_report complete_runs",
        files="write_bytes write_json write_jsonl writing",
        journal="Journal JournalContent JournalReader journal_of read_journal",
        past="PastRun PastRuns",
        pictures="draw_brackets draw_horizon draw_overview",
        plan_file="load_plan plan_so_far",
        public="public_rows",
        reading="RunSet read_runs",
        redact="Redactor",
        results="result_lines result_markdown",
        schema="report_schema",
        session="SCHEMA_NAME SCHEMA_VERSION Resumption SessionInfo",
        submission="keep_submission",
        summary="summary_lines",
        transcript="Transcript",
        tries="killed_tries names_of transcript_of",
    )
