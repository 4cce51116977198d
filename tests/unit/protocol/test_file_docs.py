"""docs/protocol.md says what the code does: its example is a protocol, its bounds are the shipped ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from pytest_metr.protocol import CHECKS, WEIGHTINGS, load_protocol, shipped_protocols

DOCUMENT = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", DOCUMENT, re.MULTILINE)


def test_the_example_is_a_protocol_that_shows_every_key(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    (tmp_path / "ours.yaml").write_text(example, encoding="utf-8")
    ours = load_protocol("ours.yaml", base=tmp_path)
    assert [bracket.name for bracket in ours.brackets] == ["minutes", "hours", "days"]
    plain = Path(__file__).parents[3] / "pytest_metr" / "protocol" / "files" / "plain.yaml"
    assert set(yaml.safe_load(example)) == set(yaml.safe_load(plain.read_text(encoding="utf-8")))


def test_every_check_is_described_with_the_bounds_that_are_shipped() -> None:
    assert [row[0] for row in ROWS] == list(CHECKS)
    for place, name in enumerate(("plain", "autonomy-0.1")):
        bounds = {rule.name: rule.bound for rule in load_protocol(name).checks}
        told = {row[0]: None if row[2 + place] == "true" else float(row[2 + place]) for row in ROWS}
        assert told == bounds
    directions = {"at least": "at_least", "at most": "at_most", "`true`: none": "holds"}
    assert {row[0]: directions[row[1]] for row in ROWS} == {name: check.direction for name, check in CHECKS.items()}


@pytest.mark.parametrize("name", [*WEIGHTINGS, *shipped_protocols(), "recorded"])
def test_every_name_that_a_person_can_give_is_in_it(name: str) -> None:
    assert re.search(rf"\b{re.escape(name)}\b", DOCUMENT)


def test_the_example_in_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    exec(compile(example, "docs/protocol.md", "exec"), {})
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(CHECKS)
