"""The examples of the documentation are true."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from _pytest.config.argparsing import Parser

from pytest_metr.gate import check_gate, load_gate
from pytest_metr.options import add_options
from pytest_metr.protocol import load_protocol

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLES = DOCS / "examples"


def workflow() -> dict[Any, Any]:
    data = yaml.safe_load((EXAMPLES / "gate-a-checkpoint.yml").read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def script(step: str) -> str:
    steps = workflow()["jobs"]["gate"]["steps"]
    return str(next(found["run"] for found in steps if found.get("name") == step))


@pytest.mark.parametrize("protocol", ["plain", "autonomy-0.1"])
def test_the_example_gate_fits_the_shipped_protocols(protocol: str) -> None:
    gate = load_gate(EXAMPLES / "gate.yaml")
    check_gate(gate, load_protocol(protocol))
    assert [rule.threshold for rule in gate.rules] == [60, 0.3, 0.2]


def test_the_gates_in_the_documentation_load(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (DOCS / "gate.md").read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for number, block in enumerate(blocks):
        path = tmp_path / f"{number}.yaml"
        path.write_text(block, encoding="utf-8")
        check_gate(load_gate(path), load_protocol("plain"))


def test_the_workflow_calls_pytest_with_options_that_there_are() -> None:
    parser = Parser(_ispytest=True)
    add_options(parser)
    line = next(line for line in script("Run and judge").splitlines() if line.strip().startswith("pytest "))
    given, unknown = parser.parse_known_and_unknown_args(shlex.split(line.partition("||")[0])[1:])
    assert (unknown, given.file_or_dir) == (["-n"], ["tasks/", "16"])  # -n 16 is pytest-xdist's
    assert (given.metr_agent, given.metr_runs, given.metr_gate, given.metr_out) == (
        ["$AGENT"],
        "4",
        "gate.yaml",
        "results",
    )


def test_the_workflow_tells_the_three_verdicts_apart_and_passes_on_the_exit_status() -> None:
    told = script("Run and judge")
    for status, verdict in ((0, "passed"), (1, "failed"), (20, "inconclusive")):
        assert re.search(rf"^\s*{status}\) verdict={verdict}\b", told, re.MULTILINE)
    assert told.rstrip().endswith("exit $status")


def test_the_workflow_keeps_the_runs_whatever_came_of_them() -> None:
    job = workflow()["jobs"]["gate"]
    upload = next(step for step in job["steps"] if str(step.get("uses")).startswith("actions/upload-artifact@"))
    assert upload["if"] == "always()"
    assert f"--metr-out {upload['with']['path']}" in script("Run and judge")
