"""``pytest-metr impact``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from pytest_metr.gate import check_gate, load_gate
from pytest_metr.protocol import load_protocol
from pytest_metr.types import Change, Gain, Impact
from tests.unit.commands.command import Command, write_agents
from tests.unit.impact.sessions import Run, write_session, write_study

FEW = ("--draws", "50")
STUDY = """
study: What elicitation adds
steps:
  - {name: base model, runs: runs.jsonl, agent: base}
  - {name: post-trained, runs: runs.jsonl, agent: tuned}
  - {name: better scaffold, runs: [runs.jsonl], agent: scaffold}
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    write_agents(tmp_path / "runs.jsonl", base=0.25, tuned=0.5, scaffold=0.75)
    return write_study(tmp_path / "study.yaml", STUDY)


def overall(gain: Gain) -> Change:
    change = gain.change("overall_score")
    assert change is not None
    return change


def test_steps_are_shown_with_what_each_was_worth(command: Command, study: Path) -> None:
    said = command("impact", study, *FEW)
    assert (said.status, said.err) == (0, "")
    first = said.out.splitlines()[0]
    assert first == "What elicitation adds: 3 steps on the 12 tasks of 3 families that all have"
    assert re.search(r"^2 post-trained +0\.500 +\+25\.0 \[.*\] \* +99 %", said.out, re.MULTILINE)
    assert re.search(r"^3 better scaffold +0\.750 .*\+50\.0 \[.*\] \*", said.out, re.MULTILINE)
    assert "warning: all tasks are of 3 families" in said.out


def test_json_holds_everything(command: Command, study: Path) -> None:
    document = command("impact", study, *FEW, "--json").json("impact")
    impact = Impact.from_json(document)
    assert [step.agent for step in impact.steps] == ["base", "tuned", "scaffold"]
    assert [overall(gain).difference.value for gain in impact.gains] == pytest.approx([0.25, 0.25])
    assert overall(impact.from_first[1]).difference.value == pytest.approx(0.5)
    assert document["sources"] == [str(study.parent / "runs.jsonl")]
    assert document["protocol"]["draws"] == 50


def test_the_lines_for_a_gate_are_read_by_the_gate(command: Command, study: Path, tmp_path: Path) -> None:
    out = command("impact", study, *FEW).out
    (block,) = re.findall(r"^rules:\n(?:  .*\n)+", out, re.MULTILINE)
    gate = yaml.safe_load(block)
    document = command("impact", study, *FEW, "--json").json("impact")
    margins = {margin["metric"]: margin for margin in document["margins"] if margin["margin"] is not None}
    for rule in gate["rules"]:
        rule["threshold"] = 1.0 if "horizon" not in rule["metric"] else 600
    file = tmp_path / "gate.yaml"
    file.write_text(yaml.safe_dump({"tasks": 12, **gate}), encoding="utf-8")
    loaded = load_gate(file)
    check_gate(loaded, load_protocol("plain"))
    assert [rule.metric for rule in loaded.rules][:2] == ["overall_score", "success_rate"]
    for rule in loaded.rules:
        of_share = 1.0 if "horizon" in rule.metric else 100.0
        assert rule.margin >= of_share * margins[rule.metric]["end"] * (1 - 1e-9)
        assert rule.must_stay == "below"


def test_the_threshold_of_a_margin_is_left_to_a_person(command: Command, study: Path, tmp_path: Path) -> None:
    (block,) = re.findall(r"^rules:\n(?:  .*\n)+", command("impact", study, *FEW).out, re.MULTILINE)
    gate = write_study(tmp_path / "gate.yaml", f"tasks: 12\n{block}")
    assert "rules[0].threshold: missing" in command.refuses("gate", tmp_path / "runs.jsonl", gate)


def test_more_is_shown_when_asked_for(command: Command, study: Path) -> None:
    short, long = command("impact", study, *FEW).out, command("impact", study, *FEW, "-v").out
    assert "few minutes" not in short
    assert re.search(r"^few minutes +step before", long, re.MULTILINE)
    assert "  - metric: bracket/few_minutes" in long
    assert re.search(r"0\.250 \[", long)


def test_the_protocol_is_that_of_the_study_unless_another_is_asked_for(command: Command, study: Path) -> None:
    write_study(study, f"protocol: autonomy-0.1\n{STUDY}")
    assert command("impact", study, *FEW, "--json").json("impact")["protocol"]["name"] == "autonomy"
    asked = command("impact", study, *FEW, "--protocol", "plain", "--seed", "7", "--json").json("impact")["protocol"]
    assert (asked["name"], asked["seed"]) == ("plain", 7)


def test_markdown_has_the_lines_for_a_gate_and_no_markup_of_anybody_else(
    command: Command, study: Path, tmp_path: Path
) -> None:
    write_study(study, STUDY.replace("post-trained", "'**bold** <b> @team |'"))
    file = tmp_path / "impact.md"
    assert command("impact", study, *FEW, "--markdown", file).status == 0
    text = file.read_text(encoding="utf-8")
    assert "**bold**" not in text
    assert "<b>" not in text
    assert "```yaml\nrules:\n  - metric: overall_score\n    must_stay: below\n    margin: " in text
    assert command("impact", study, *FEW, "--markdown", tmp_path / "new" / "impact.md").status == 0
    assert (tmp_path / "new" / "impact.md").read_text(encoding="utf-8") == text
    line = command.refuses("impact", study, *FEW, "--markdown", file / "impact.md")
    assert line == f"{file / 'impact.md'}: --markdown: cannot be written: File exists"


def test_it_is_drawn(command: Command, study: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / "impact.svg"
    assert command("impact", study, *FEW, "--picture", file).status == 0
    assert file.read_bytes().startswith(b"<?xml")
    assert "expected a name that ends in .svg or .png" in command.refuses(
        "impact", study, *FEW, "--picture", tmp_path / "impact.pdf"
    )


def test_a_best_of_n_is_told_with_how_it_was_chosen(command: Command, tmp_path: Path) -> None:
    runs = {"f/a": [Run(0.0, (0.1,)), Run(1.0, (0.9,))], "g/b": [Run(1.0), Run(0.0)], "g/c": [Run(1.0)]}
    write_session(tmp_path / "tuned", runs)
    text = "steps: [{name: tuned, runs: tuned}, {name: best of 2, best_of: {step: tuned, n: 2}}]"
    study = write_study(tmp_path / "study.yaml", text)
    said = command("impact", study, *FEW)
    assert said.status == 0
    told = " ".join(said.out.split())
    assert (
        "best of 2: 2 runs chosen of 2 each of tuned: 1 by the log alone, 1 the first, without any log; 1 run" in told
    )
    assert "not compared: 1 task, no runs in best of 2: g/c" in told
    assert "tuned+best2" in said.out
    assert re.search(r"2 best of 2 +tuned\+best2 +2 +20 s +200", said.out)
    change = overall(Impact.from_json(command("impact", study, *FEW, "--json").json("impact")).gains[0])
    # f/a: 1/2 to 1, g/b: 1/2 to 1 (its first run), both of the same weight.
    assert change.difference.value == pytest.approx(0.5)


def test_steps_without_a_common_task_are_a_negative_answer(command: Command, tmp_path: Path) -> None:
    write_session(tmp_path / "one", {"f/a": [Run(0.0)]})
    write_session(tmp_path / "two", {"f/b": [Run(0.0)]})
    study = write_study(tmp_path / "study.yaml", "steps: [{name: x, runs: one}, {name: y, runs: two}]")
    said = command("impact", study, *FEW)
    assert (said.status, said.err) == (1, "")
    assert "warning: no task has runs that count in every step" in said.out
    assert "rules:" not in said.out
    assert command("impact", study, *FEW, "--json").json("impact")["gains"] == []
    assert "there is nothing to draw" in command.refuses("impact", study, "--picture", tmp_path / "p.svg")


def test_tasks_of_another_version_are_compared_only_when_asked_for(command: Command, tmp_path: Path) -> None:
    for version in ("1", "2"):
        folder = write_session(tmp_path / version, {"f/a": [Run(1.0)]})
        text = (folder / "report.json").read_text(encoding="utf-8")
        text = re.sub(r'"task_version": [^,]+,', f'"task_version": "{version}",', text)
        (folder / "report.json").write_text(text, encoding="utf-8")
    study = write_study(tmp_path / "study.yaml", "steps: [{name: x, runs: '1'}, {name: y, runs: '2'}]")
    assert "not compared: 1 task, of several versions: f/a" in command("impact", study, *FEW).out
    said = command("impact", study, *FEW, "--any-version")
    assert said.status == 0
    assert "compared, although of several versions: 1 task: f/a" in said.out


@pytest.mark.parametrize("columns", ["20", "60", "80", "100", "200"])
def test_nothing_is_wider_than_the_terminal(
    command: Command, study: Path, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = command("impact", study, *FEW, "-v").out.splitlines()
    yaml_lines = {line for line in lines if line.startswith(("  - metric", "    "))}
    assert max(len(line) for line in lines if line not in yaml_lines) <= max(int(columns), 40)


def test_a_mistake_is_one_line(command: Command, study: Path, tmp_path: Path) -> None:
    assert command.refuses("impact") == (
        "the following arguments are required: STUDY.yaml (see pytest-metr impact --help)"
    )
    assert command.refuses("impact", tmp_path / "none.yaml").endswith("cannot be read: No such file or directory")
    assert "runs.jsonl: expected valid YAML: line 2" in command.refuses("impact", tmp_path / "runs.jsonl")
    write_study(study, STUDY.replace("agent: tuned", "agent: tunde"))
    assert command.refuses("impact", study) == (
        f"{study}: steps[1].agent: expected one of base, tuned, scaffold, found 'tunde' (did you mean 'tuned'?)"
    )
