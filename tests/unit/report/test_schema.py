"""The JSON Schema that is shipped, and the reports that it is about."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from pytest_metr.gate import Gate, Rule
from pytest_metr.report import SessionInfo, report_schema
from pytest_metr.types import (
    AgentSpec,
    BrokenFamily,
    Decision,
    Failure,
    LimitHit,
    Limits,
    ModelUsage,
    RunRecord,
    SandboxInfo,
    ScoreEntry,
    TokenCounts,
    Usage,
)

from .records import broken, make_plan, make_record, make_session, make_task, many_records, properties, report_of

VALIDATOR = Draft202012Validator(report_schema())

#: What the schema calls each record of the package, and the fields that a report adds to it.
RECORDS: list[tuple[str, Any, set[str]]] = [
    ("run", RunRecord, {"success", "weight"}),
    ("session", SessionInfo, set()),
    ("agent_spec", AgentSpec, set()),
    ("limits", Limits, set()),
    ("sandbox", SandboxInfo, set()),
    ("usage", Usage, set()),
    ("model_usage", ModelUsage, set()),
    ("token_counts", TokenCounts, set()),
    ("score_entry", ScoreEntry, set()),
    ("limit_hit", LimitHit, set()),
    ("failure", Failure, set()),
    ("broken_family", BrokenFamily, set()),
]


def a_report() -> dict[str, Any]:
    plans = [make_plan(make_task(), run) for run in (1, 2, 3)]
    records = [make_record(plans[0], "scored", 1.0), make_record(plans[1], "infra_error", failure=broken("sandbox"))]
    family = BrokenFamily(folder="bad", message="worse")
    return report_of(plans, records, broken_families=[family], notes=["n"])


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "properties" in schema and "type" in schema:
            yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(report_schema())


def test_every_field_is_described() -> None:
    written = json.loads(resources.files("pytest_metr.report").joinpath("report.schema.json").read_text("utf-8"))
    for schema in objects(written):
        for name, field in schema["properties"].items():
            assert field.get("description", "").strip(), name


@pytest.mark.parametrize(("name", "record", "more"), RECORDS, ids=[name for name, _, _ in RECORDS])
def test_the_schema_knows_exactly_the_fields_of_the_record(name: str, record: Any, more: set[str]) -> None:
    schema = report_schema()["$defs"][name]
    fields = {field.name for field in dataclasses.fields(record)} | more
    assert set(schema["properties"]) == fields
    assert set(schema["required"]) == fields
    assert schema["additionalProperties"] is False


def test_a_report_is_valid() -> None:
    VALIDATOR.validate(a_report())


def test_the_report_of_an_empty_session_is_valid() -> None:
    session = make_session(started_at="", sandbox=None, versions={}, command_line=())
    VALIDATOR.validate(report_of([], [], session=session))


@properties
@given(many_records())
def test_the_report_of_any_records_is_valid_and_strict_json(records: list[RunRecord]) -> None:
    # A run that the task scored has a score.
    scored = [dataclasses.replace(r, score=1.0) if (r.status, r.score) == ("scored", None) else r for r in records]
    report = report_of([], scored)
    VALIDATOR.validate(json.loads(json.dumps(report, allow_nan=False)))


BROKEN: list[tuple[str, list[str | int], Any]] = [
    ("another kind of document", ["schema"], "something/else"),
    ("a later version", ["schema_version"], 3),
    ("no such instant", ["created_at"], "yesterday"),
    ("a field that there is not", ["surprise"], 1),
    ("a negative count", ["coverage", "planned"], -1),
    ("a cause of a status without causes", ["coverage", "causes"], {"scored": {"x": 1}}),
    ("no such status", ["runs", 0, "status"], "flaky"),
    ("run number 0", ["runs", 0, "run"], 0),
    ("a field of a run that there is not", ["runs", 0, "reward"], 1.0),
    ("a score that is a word", ["runs", 0, "score"], "good"),
    ("a score for an infrastructure error", ["runs", 1, "score"], 0.0),
    ("a scored run without a score", ["runs", 0, "score"], None),
    ("a scored run without a success", ["runs", 0, "success"], None),
    ("a success that is a number", ["runs", 0, "success"], 1),
    ("a negative weight", ["runs", 0, "weight"], -0.5),
    ("a weight that is no number", ["runs", 0, "weight"], "NaN"),
    ("a weight for an infrastructure error", ["runs", 1, "weight"], 0.5),
    ("a text where a number belongs", ["agents", 0, "result", "runs"], "1"),
    ("a protocol with a field too many", ["protocol", "mood"], "good"),
    ("a verdict without a sentence", ["gate"], {"verdict": "passed"}),
    ("a bracket with a field too many", ["agents", 0, "brackets", 0, "median"], 1),
    ("a note that is no text", ["notes", 0], 7),
    ("a session without a list of agents", ["session", "agents"], None),
]


@pytest.mark.parametrize(("path", "value"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_broken_report_is_rejected(path: list[str | int], value: Any) -> None:
    report = copy.deepcopy(a_report())
    place: Any = report
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(report)


def test_a_report_with_a_verdict_and_decisions_is_valid() -> None:
    planned = make_plan(make_task())
    rule = Rule(name="r", metric="overall_score", must_stay="below", threshold=0.5, margin=0.0)
    decision = Decision(agent="gpt", stage=0, round=None, bracket=None, opened=True, rule="start", sentence="first")
    report = report_of(
        [planned], [make_record(planned, "scored", 1.0)], gate=Gate(name="g", rules=(rule,)), decisions=[decision]
    )
    assert report["gate"]["verdict"] == "inconclusive"
    VALIDATOR.validate(json.loads(json.dumps(report, allow_nan=False)))


@pytest.mark.parametrize("key", sorted(a_report()))
def test_a_report_with_a_part_missing_is_rejected(key: str) -> None:
    report = a_report()
    del report[key]
    assert not VALIDATOR.is_valid(report)
