"""Running the command in this process, and in one of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pytest_metr.cli import main
from pytest_metr.commands.documents import SCHEMAS
from tests.unit.report.reading import public_run, write_rows


@dataclass(frozen=True)
class Said:
    """What a command wrote, and its exit status."""

    status: int
    out: str
    err: str

    def json(self, schema: str) -> dict[str, Any]:
        """Return what it printed as JSON, without NaN tokens and valid by the schema that ``schema`` prints."""

        def refuse(token: str) -> None:
            pytest.fail(f"{token} is no JSON")

        document: dict[str, Any] = json.loads(self.out, parse_constant=refuse)
        jsonschema.Draft202012Validator(SCHEMAS[schema]()).validate(document)
        return document


class Command:
    """``pytest-metr`` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Said:
        self._capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        out, err = self._capsys.readouterr()
        return Said(status, out, err)

    def refuses(self, *arguments: str | Path) -> str:
        """Return the only line that a command says to a person who has made a mistake."""
        said = self(*arguments)
        assert (said.status, said.out) == (4, "")
        line, end = said.err.removeprefix("pytest-metr: ").split("\n")
        assert end == ""
        return line


def run_command(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "pytest_metr", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


def write_agents(path: Path, **rates: float) -> Path:
    """Write a file in METR's columns: for each agent twelve tasks of three families, each run twice.

    An agent succeeds at the easiest tasks, up to its rate.
    """
    rows = []
    for agent, rate in rates.items():
        for task in range(12):
            for run in range(2):
                won = int(task < 12 * rate)
                rows.append(
                    public_run(
                        f"{task}-{run}",
                        alias=agent,
                        task_id=f"f{task % 3}/t{task}",
                        task_family=f"f{task % 3}",
                        human_minutes=2.0 ** (task / 2),
                        score=float(won),
                        score_binarized=won,
                    )
                )
    return write_rows(path, *rows)
