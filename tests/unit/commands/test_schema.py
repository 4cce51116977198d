"""``pytest-metr schema``, ``protocol``, and the schemas that are made from records."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest

from pytest_metr.commands.clean import Cleaning
from pytest_metr.commands.documents import SCHEMAS
from pytest_metr.protocol import load_protocol
from pytest_metr.report.record_schema import record_schema
from pytest_metr.types import EvaluationProtocol, Record
from tests.unit.commands.command import Command
from tests.unit.report.records import make_plan, make_record, make_task


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf(Record):
    """A leaf.

    :param name: is not in the description.
    """

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree(Record):
    """One of everything."""

    number: float
    maybe: int | None
    flag: bool
    kind: Literal["a", "b"]
    leaves: tuple[Leaf, ...] = ()
    by_name: dict[str, Leaf] = field(default_factory=dict)
    anything: Any = None


TREE = Tree(
    number=float("nan"), maybe=None, flag=True, kind="a", leaves=(Leaf(name="x"),), by_name={"y": Leaf(name="y")}
)


def test_a_schema_describes_its_record_exactly() -> None:
    schema = record_schema(Tree, title="tree", constants={"schema": "t"})
    assert schema["required"] == ["schema", "number", "maybe", "flag", "kind", "leaves", "by_name", "anything"]
    assert schema["$defs"]["Leaf"] == {
        "description": "A leaf.",
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    }
    jsonschema.Draft202012Validator(schema).validate({"schema": "t", **TREE.to_json()})


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "nan"},
        {"number": None},
        {"maybe": 1.5},
        {"flag": 1},
        {"kind": "c"},
        {"leaves": [{}]},
        {"by_name": {"y": 1}},
        {"more": 1},
        {"schema": "u"},
    ],
)
def test_a_schema_refuses_what_is_not_its_record(wrong: dict[str, Any]) -> None:
    schema = record_schema(Tree, title="tree", constants={"schema": "t"})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({"schema": "t", **TREE.to_json(), **wrong})


def test_a_record_that_json_has_nothing_for_is_refused() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Odd(Record):
        """Odd."""

        what: complex

    with pytest.raises(TypeError, match="JSON has nothing for <class 'complex'>"):
        record_schema(Odd, title="odd")


def test_every_document_has_a_schema_that_is_one(command: Command) -> None:
    assert command("schema").out.splitlines() == list(SCHEMAS)
    for name in SCHEMAS:
        schema = json.loads(command("schema", name).out)
        jsonschema.Draft202012Validator.check_schema(schema)


def test_an_unknown_document_is_refused(command: Command) -> None:
    assert command.refuses("schema", "scores").startswith("schema: expected one of report, run, score")


def test_a_run_and_a_cleaning_are_as_their_schemas_say() -> None:
    from pytest_metr.types import RunRow

    row = RunRow.of(make_record(make_plan(make_task()), score=1.0))
    jsonschema.Draft202012Validator(SCHEMAS["run"]()).validate(row.to_json())
    cleaning = {"schema": "pytest-metr/clean", "schema_version": 1, **Cleaning(dry_run=True, found=("a",)).to_json()}
    jsonschema.Draft202012Validator(SCHEMAS["clean"]()).validate(cleaning)


def test_a_protocol_is_shown_with_every_value(command: Command) -> None:
    lines = command("protocol", "plain").out.splitlines()
    assert lines[0].split() == ["protocol", "plain", "2"]
    shown = " ".join("\n".join(lines).split())
    for text in (
        "bracket few_minutes: from 0 up to 4 minutes",
        "bracket month_long: above 4800 minutes",
        "weighting invsqrt_family",
        "success above each task's own threshold",
        "draws 1000",
        "staging none",
        "runs of each task 1",
        "check infrastructure_errors 0.02",
    ):
        assert text in shown
    staged = " ".join(command("protocol", "autonomy-0.1").out.split())
    assert "staging go on above a score of 0.3" in staged
    assert "runs of each task 1, up to 4 while a gate is undecided" in staged


def test_a_protocol_as_json_is_the_protocol(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("protocol: mine\nversion: '2'\nbrackets: {short: {below: 5}, rest: {}}\n", encoding="utf-8")
    document = command("protocol", file, "--json").json("protocol")
    assert EvaluationProtocol.from_json(document) == load_protocol(file)
    shown = " ".join(command("protocol", file).out.split())
    assert "short: from 0 below 5 minutes" in shown
    assert "rest: from 5 minutes" in shown


def test_without_a_name_the_shipped_protocols_are_listed(command: Command) -> None:
    assert command("protocol").out.splitlines() == ["autonomy-0.1", "plain"]
    assert json.loads(command("protocol", "--json").out) == ["autonomy-0.1", "plain"]


def test_a_protocol_that_there_is_not_is_refused(command: Command) -> None:
    assert command.refuses("protocol", "plane").startswith("protocol: expected one of autonomy-0.1, plain")
