"""docs/impact.md and the example study are true."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from pytest_metr.gate import load_gate
from pytest_metr.impact import load_study
from pytest_metr.types import MARGIN_ENDS
from tests.unit.commands.command import Command, write_agents
from tests.unit.impact.sessions import write_study
from tests.unit.protocol.runs import public_folder

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "impact.md").read_text(encoding="utf-8")
#: The steps of the page's picture: their names and METR's.
METRS = {
    "GPT-4 of March 2023": "GPT-4 0314",
    "GPT-4 Turbo": "GPT-4 Turbo",
    "Claude 3 Opus": "Claude 3 Opus",
    "Claude 3.5 Sonnet": "Claude 3.5 Sonnet (Old)",
}


def test_the_example_is_a_study_with_a_best_of_n() -> None:
    study = load_study(DOCS / "examples" / "study.yaml")
    assert [step.name for step in study.steps][::3] == ["base model", "best of 4 by the score log"]
    assert (study.steps[3].best_of, study.steps[3].n) == ("better scaffold", 4)
    assert study.margin.steps == tuple(step.name for step in study.steps[1:])


def test_the_study_of_the_page_is_one(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    study = load_study(write_study(tmp_path / "study.yaml", text))
    assert study.protocol is not None
    assert study.steps[2].n == 4


def test_every_key_is_described() -> None:
    keys = {found for row in re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE) for found in [row]}
    assert keys == {"study", "protocol", "steps", "margin", "name", "runs", "agent", "best_of", "from", "end"}
    for end in MARGIN_ENDS:
        assert f"`{end}`" in PAGE


def test_the_lines_for_a_gate_are_a_gates(tmp_path: Path) -> None:
    (block,) = re.findall(r"^    rules:\n(?:      .*\n)+", PAGE, re.MULTILINE)
    lines = re.sub(r"(margin: .* points)", r"\1\n    threshold: 50%", textwrap.dedent(block))
    lines = re.sub(r"(margin: [0-9.]+)$", r"\1\n    threshold: 2 h", lines, flags=re.MULTILINE)
    gate = load_gate(write_study(tmp_path / "gate.yaml", f"tasks: 1\n{lines}"))
    assert [(rule.margin, rule.threshold) for rule in gate.rules] == [(23.3, 0.5), (35.6, 120)]


def test_the_program_of_the_page_runs(tmp_path: Path) -> None:
    write_agents(tmp_path / "runs.jsonl", base=0.25, tuned=0.75)
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "base to tuned: 2 steps on the 12 tasks of 3 families" in done.stdout
    assert re.search(r"^overall_score [0-9.]+ points", done.stdout, re.MULTILINE)


def test_the_table_and_the_picture_of_the_page_are_those_of_metrs_runs(command: Command, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need the extra `report`")
    runs = public_folder() / "runs.jsonl"
    steps = "".join(f"  - {{name: {name}, runs: {runs}, agent: {agent}}}\n" for name, agent in METRS.items())
    study = write_study(tmp_path / "study.yaml", f"study: Four models of METR's public runs\nsteps:\n{steps}")
    out = command("impact", study, "--picture", tmp_path / "impact.svg").out
    shown = re.findall(r"^    (Four models.*\n(?:\n|    .*\n)+?)\n!\[", PAGE, re.MULTILINE)
    for line in filter(None, textwrap.dedent(f"    {shown[0]}").splitlines()):
        assert line in out
    (rules,) = re.findall(r"^    (rules:\n(?:      .*\n)+)", PAGE, re.MULTILINE)
    for line in textwrap.dedent(f"    {rules}").splitlines():
        assert line in out
    drawn, there = (
        ElementTree.parse(file).getroot() for file in (tmp_path / "impact.svg", DOCS / "images" / "impact.svg")
    )
    assert drawn.get("viewBox") == there.get("viewBox")
