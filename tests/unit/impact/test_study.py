"""Study files: what they say, and what is wrong with those that are wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.impact import StudyStep, load_study
from pytest_metr.protocol import load_protocol
from pytest_metr.protocol.impact import MarginRule
from tests.unit.impact.sessions import write_study

BASE = "{name: base, runs: a}"
TUNED = "{name: tuned, runs: b}"
STEPS = f"steps: [{BASE}, {TUNED}]\n"


def mistake(folder: Path, text: str) -> str:
    with pytest.raises(UsageMistake) as caught:
        load_study(write_study(folder / "study.yaml", text))
    said = str(caught.value)
    assert "\n" not in said
    return said.removeprefix(f"{folder / 'study.yaml'}: ")


def test_the_shortest_study_has_a_name_and_a_margin_by_default(tmp_path: Path) -> None:
    study = load_study(write_study(tmp_path / "ours.yaml", STEPS))
    assert (study.name, study.protocol, study.margin) == ("ours", None, MarginRule())
    assert study.steps == (
        StudyStep(name="base", runs=(tmp_path / "a",)),
        StudyStep(name="tuned", runs=(tmp_path / "b",)),
    )


def test_everything_that_a_study_can_say(tmp_path: Path) -> None:
    text = """
        study: What elicitation adds
        protocol: autonomy-0.1
        steps:
          - {name: base, runs: [a, /b/runs.jsonl], agent: one}
          - {name: tuned, runs: c}
          - name: best
            best_of: {step: tuned, n: 4}
        margin:
          from: base
          steps: [tuned, best]
          end: interval
    """
    study = load_study(write_study(tmp_path / "study.yaml", text))
    assert (study.name, study.protocol) == ("What elicitation adds", load_protocol("autonomy-0.1"))
    assert study.steps[0] == StudyStep(name="base", runs=(tmp_path / "a", Path("/b/runs.jsonl")), agent="one")
    assert study.steps[2] == StudyStep(name="best", best_of="tuned", n=4)
    assert study.margin == MarginRule(counted_from="base", steps=("tuned", "best"), end="interval")


def test_the_file_of_a_protocol_is_relative_to_the_study(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text('protocol: ours\nversion: "1"\n', encoding="utf-8")
    study = load_study(write_study(tmp_path / "study.yaml", f"protocol: ours.yaml\n{STEPS}"))
    assert study.protocol is not None
    assert study.protocol.name == "ours"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("study: x\n", "steps: missing; expected a list of two or more steps"),
        (f"study: ' '\n{STEPS}", "study: expected a name, found an empty text"),
        (f"study: 7\n{STEPS}", "study: expected text, found a number (7); put it in quotes"),
        (
            f"stduy: x\n{STEPS}",
            "stduy: unknown key; expected one of study, protocol, steps, margin; did you mean 'study'?",
        ),
        (f"protocol: ''\n{STEPS}", "protocol: expected the name or the file of a protocol, found an empty text"),
        (f"steps: [{BASE}]\n", "steps: expected a list of two or more steps, each a mapping .*, found a list of 1"),
        ("steps: []\n", "steps: expected a list .*, found an empty list"),
        ("steps: base\n", r"steps: expected a list .*, found text \(base\)"),
        (f"steps: [{BASE}, tuned]\n", r"steps\[1\]: expected a mapping, found text \(tuned\)"),
        (f"steps: [{BASE}, {{runs: b}}]\n", r"steps\[1\].name: missing; expected text"),
        (f"steps: [{BASE}, {{name: ' ', runs: b}}]\n", r"steps\[1\].name: expected a name, found an empty text"),
        (f"steps: [{BASE}, {BASE}]\n", r"steps\[1\].name: expected another name for each step, found 'base' again"),
        (f"steps: [{BASE}, {{name: t}}]\n", r"steps\[1\].runs: missing; expected the folder of a session"),
        (f"steps: [{BASE}, {{name: t, runs: []}}]\n", r"steps\[1\].runs: expected .*, found an empty list"),
        (f"steps: [{BASE}, {{name: t, runs: [b, 3]}}]\n", r"steps\[1\].runs\[1\]: expected .*, found a number \(3\)"),
        (f"steps: [{BASE}, {{name: t, runs: {{}}}}]\n", r"steps\[1\].runs: expected .*, found an empty mapping"),
        (f"steps: [{BASE}, {{name: t, runs: null}}]\n", r"steps\[1\].runs: expected .*, found nothing"),
        (f"steps: [{BASE}, {{name: t, runs: b, agent: 3}}]\n", r"steps\[1\].agent: expected text, found a number"),
        (
            f"steps: [{BASE}, {{name: t, runs: b, agents: x}}]\n",
            r"steps\[1\].agents: unknown key; expected one of name, agent, runs, best_of; did you mean 'agent'\?",
        ),
        (
            f"steps: [{BASE}, {{name: t, runs: b, best_of: {{step: base, n: 2}}}}]\n",
            r"steps\[1\].runs: expected either runs or best_of, found both",
        ),
        (
            f"steps: [{BASE}, {{name: t, agent: b, best_of: {{step: base, n: 2}}}}]\n",
            r"steps\[1\].agent: expected no agent with best_of, which has that of its step",
        ),
        (
            f"steps: [{BASE}, {{name: t, best_of: {{step: bsae, n: 2}}}}]\n",
            r"steps\[1\].best_of.step: expected an earlier step with runs \(base\), found 'bsae'; did you mean",
        ),
        (
            f"steps: [{{name: t, best_of: {{step: base, n: 2}}}}, {BASE}]\n",
            r"steps\[0\].best_of.step: expected an earlier step with runs \(there is none\), found 'base'",
        ),
        (
            f"steps: [{BASE}, {{name: t, best_of: {{step: base, n: 2}}}}, {{name: u, best_of: {{step: t, n: 2}}}}]\n",
            r"steps\[2\].best_of.step: expected an earlier step with runs \(base\), found 't'",
        ),
        (
            f"steps: [{BASE}, {{name: t, best_of: {{step: base}}}}]\n",
            r"steps\[1\].best_of.n: missing; expected a whole number from 2 to 1000",
        ),
        (
            f"steps: [{BASE}, {{name: t, best_of: {{step: base, n: 1}}}}]\n",
            r"steps\[1\].best_of.n: expected a whole number from 2 to 1000, found a number \(1\)",
        ),
        (
            f"steps: [{BASE}, {{name: t, best_of: {{step: base, n: 2, by: score}}}}]\n",
            r"steps\[1\].best_of.by: unknown key; expected one of step, n",
        ),
        (f"{STEPS}margin: 3\n", r"margin: expected a mapping, found a number \(3\)"),
        (f"{STEPS}margin: {{of: base}}\n", "margin.of: unknown key; expected one of from, steps, end"),
        (f"{STEPS}margin: {{from: b}}\n", r"margin.from: expected a step that others follow \(base\), found 'b'"),
        (
            f"{STEPS}margin: {{from: tuned}}\n",
            r"margin.from: expected a step that others follow \(base\)",
        ),
        (f"{STEPS}margin: {{steps: []}}\n", "margin.steps: expected at least one step, found an empty list"),
        (f"{STEPS}margin: {{steps: base}}\n", r"margin.steps: expected a list, found text \(base\)"),
        (
            f"{STEPS}margin: {{steps: [base]}}\n",
            r"margin.steps\[0\]: expected a step with a gain \(tuned\)",
        ),
        (
            f"{STEPS}margin: {{steps: [tuned, tuned]}}\n",
            r"margin.steps\[1\]: expected each step once, found 'tuned'",
        ),
        (f"{STEPS}margin: {{end: upper}}\n", "margin.end: expected one of bounds, interval, estimate, found 'upper'"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(tmp_path: Path, text: str, said: str) -> None:
    assert re.match(said.replace("(7)", r"\(7\)").replace("'study'?", r"'study'\?"), mistake(tmp_path, text))


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageMistake, match="cannot be read: No such file"):
        load_study(tmp_path / "none.yaml")
    assert "expected a mapping" in mistake(tmp_path, "- x\n")
