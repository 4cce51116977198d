"""The JSON documents of the commands: what each holds, for the schemas that describe them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_metr.commands.answer import SCHEMA_VERSION, schema_name
from pytest_metr.commands.baselines import Baselines
from pytest_metr.commands.clean import Cleaning
from pytest_metr.commands.compare import CompareDocument
from pytest_metr.commands.export import ExportDocument
from pytest_metr.commands.gate import GateDocument
from pytest_metr.commands.impact import ImpactDocument
from pytest_metr.commands.lint import LintDocument
from pytest_metr.commands.score_document import ScoreDocument
from pytest_metr.commands.suite import Suite
from pytest_metr.report import report_schema
from pytest_metr.report.elicitation_report import Elicited
from pytest_metr.report.progress import SessionView
from pytest_metr.report.record_schema import record_schema
from pytest_metr.review.document import Reviewed
from pytest_metr.types import EvaluationProtocol, Record, RunRow

Schema = dict[str, Any]


def _of_command(name: str, cls: type[Record]) -> Callable[[], Schema]:
    constants = {"schema": schema_name(name), "schema_version": SCHEMA_VERSION}
    return lambda: record_schema(cls, title=f"pytest-metr {name} --json", constants=constants)


#: Makers of the schemas by the names of the documents.
SCHEMAS: dict[str, Callable[[], Schema]] = {
    "report": report_schema,
    "run": lambda: record_schema(RunRow, title="a run as the protocol's arithmetic sees it"),
    "score": _of_command("score", ScoreDocument),
    "review": _of_command("review", Reviewed),
    "elicitation": _of_command("elicitation", Elicited),
    "compare": _of_command("compare", CompareDocument),
    "impact": _of_command("impact", ImpactDocument),
    "gate": _of_command("gate", GateDocument),
    "tasks": _of_command("tasks", Suite),
    "lint": _of_command("lint", LintDocument),
    "protocol": _of_command("protocol", EvaluationProtocol),
    "baselines": _of_command("baselines", Baselines),
    "status": _of_command("status", SessionView),
    "clean": _of_command("clean", Cleaning),
    "export": _of_command("export", ExportDocument),
}
