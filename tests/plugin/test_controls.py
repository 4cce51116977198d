"""``--metr-controls``: attempts whose scores are known, and what becomes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.plugin.project import NUMBERS, Project, statuses

WORKERS = pytest.mark.parametrize("workers", ["0", "2"])
TASKS = {name: {"meta": {"human_minutes": 3, "split": "dev"}} for name in ("one", "two", "three")}


def controls(family: Path, document: Any, **scripts: str) -> None:
    """Write a family's controls; a script's name is that of its control, and its text runs in Python."""
    folder = family / "controls"
    folder.mkdir(exist_ok=True)
    (folder / "controls.yaml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    for name, text in scripts.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")


def submit(text: str) -> str:
    return f"open('/home/agent/submission.txt', 'w').write({text!r})\n"


def control(kind: str, **scores: Any) -> dict[str, Any]:
    return {"kind": kind, "what": "Something.", "scores": scores}


@pytest.fixture
def numbers(project: Project) -> Project:
    """A family with a control of each kind, one of which uses the reference solution."""
    family = project.family("numbers", NUMBERS, tasks=TASKS)
    (family / "solution").mkdir()
    (family / "solution" / "solve.py").write_text("ANSWER = '0.7'\n", encoding="utf-8")
    half = "import sys\nsys.path.insert(0, '/home/agent/solution')\nimport solve\nassert sys.argv[1] == 'two'\n"
    controls(
        family,
        {
            "nothing": control("empty", one=0, two=0, three=0),
            "half": control("partial", two=[0.6, 0.8]),
            "guess": control("wrong", one=0.25),
            "trick": control("gaming", three=0),
        },
        half=half + submit("0.7"),
        guess=submit("0.25"),
        trick=submit("not a number"),
    )
    return project


def run(project: Project, *arguments: str) -> Any:
    return project.pytest("tasks", "--metr-controls", f"--metr-out={project.out}", *arguments)


@WORKERS
def test_controls_pass_where_they_score_what_is_written_of_them(numbers: Project, workers: str) -> None:
    result = run(numbers, "-n", workers, "-v")
    assert result.status == 0, result.output
    result.lines("6 passed", "controls: 6 of 6 in 1 families scored what is written of them", "agent controls")
    rows = {" ".join(line.split()) for line in result.output.splitlines()}
    assert "numbers/two half partial 0.7 0.6 to 0.8 yes" in rows
    runs = numbers.runs()
    ids = {nodeid.split("::")[1] for nodeid in runs}
    assert ids == {"one[nothing-run1]", "two[nothing-run1]", "three[nothing-run1]"} | {
        "two[half-run1]",
        "one[guess-run1]",
        "three[trick-run1]",
    }
    half = runs["tasks/numbers/numbers.py::two[half-run1]"]
    assert half["control"] == {"name": "half", "kind": "partial", "lowest": 0.6, "highest": 0.8}
    # Nothing of it is an agent's: no number is made of it, and no row of the public file.
    assert numbers.report()["agents"][0]["result"] is None
    assert (numbers.out / "runs.jsonl").read_text(encoding="utf-8") == ""
    assert "overall score" not in result.output
    numbers.pytest(f"--metr-status={numbers.out}").lines("6 of 6 done (6 passed)")


@WORKERS
def test_a_score_outside_of_its_range_fails(numbers: Project, workers: str) -> None:
    family = numbers.root / "tasks" / "numbers"
    controls(family, {"guess": control("wrong", one=0), "half": control("partial", two=[0.71, 1])})
    result = run(numbers, "-n", workers)
    assert result.status == 1
    result.lines(
        "score 0.25, expected 0 from the control guess (wrong)",
        "score 0.7, expected 0.71 to 1 from the control half (partial)",
        "controls: 0 of 2 in 1 families scored what is written of them",
    )


def test_no_stage_of_a_protocol_leaves_a_control_out(numbers: Project) -> None:
    with (numbers.root / "pytest.ini").open("a", encoding="utf-8") as file:
        file.write("metr_protocol = autonomy-0.1\n")
    result = run(numbers)
    assert result.status == 0, result.output
    result.lines("controls: 6 of 6 in 1 families")


def test_a_control_that_breaks_is_an_error_and_no_score(numbers: Project) -> None:
    family = numbers.root / "tasks" / "numbers"
    controls(family, {"broken": control("wrong", one=0)}, broken="raise SystemExit('I cannot')")
    result = run(numbers)
    assert result.status == 1
    result.lines("1 error", "the control broken.py ended with exit code 1: I cannot")
    assert statuses(numbers.runs()) == [
        ("tasks/numbers/numbers.py::one[broken-run1]", "infra_error", None),
    ]


def test_a_session_of_controls_that_died_is_taken_up_again(numbers: Project) -> None:
    assert run(numbers, "-k", "half or guess").status == 0
    (numbers.out / "report.json").unlink()
    result = numbers.pytest("tasks", "--metr-controls", f"--metr-resume={numbers.out}", "-k", "half or guess")
    assert result.status == 0, result.output
    result.lines("2 of 2 runs are kept", "controls: 2 of 2")
    (numbers.root / "tasks" / "numbers" / "controls" / "guess.py").write_text(submit("0.3"), encoding="utf-8")
    (numbers.out / "report.json").unlink()
    result = numbers.pytest("tasks", "--metr-controls", f"--metr-resume={numbers.out}", "-k", "half or guess")
    assert result.status == 4
    result.lines("controls of family numbers: ")


def test_controls_never_reach_an_agent_and_change_nothing_of_a_family(numbers: Project) -> None:
    family = numbers.root / "tasks" / "numbers"
    (family / "look.txt").write_text("", encoding="utf-8")
    source = NUMBERS.replace('print("scoring", t["name"])', "import os; print(sorted(os.listdir('/root')))")
    (family / "numbers.py").write_text(source, encoding="utf-8")
    numbers.run("-k", "one")
    first = next(iter(numbers.runs().values()))
    assert "look.txt" in first["scoring_output"]["stdout"]
    assert "controls" not in first["scoring_output"]["stdout"]
    (family / "controls" / "more.py").write_text("", encoding="utf-8")
    numbers.out = numbers.root / "again"
    numbers.run("-k", "one")
    assert next(iter(numbers.runs().values()))["family_hash"] == first["family_hash"]


def test_a_folder_of_that_name_without_our_file_belongs_to_the_family(project: Project) -> None:
    source = NUMBERS.replace('print("scoring", t["name"])', "print(open('/root/controls/own.txt').read())")
    family = project.family("numbers", source, tasks=TASKS)
    (family / "controls").mkdir()
    (family / "controls" / "own.txt").write_text("its own", encoding="utf-8")
    project.run("-k", "one")
    assert "its own" in next(iter(project.runs().values()))["scoring_output"]["stdout"]
    result = project.pytest("tasks", "--metr-controls", "-rs")
    result.lines("1 skipped", "the family has no controls/controls.yaml")


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ({"a": control("wrong", four=0)}, "a.scores.four: unknown key: expected one of one, three, two"),
        ({"a": control("silly", one=0)}, "a.kind: expected one of empty, wrong, partial, gaming, found 'silly'"),
        ({"a": control("wrong", one=[0.5, 0.1])}, "a.scores.one: expected the lowest before the highest"),
        ({"a": control("wrong", one="x")}, "a.scores.one: expected a number, found 'x'"),
        ({"a": control("wrong")}, "a.scores: expected the score of at least one task, found none"),
        ({"a": {"kind": "wrong", "scores": {"one": 0}}}, "a.what: expected a value, found nothing"),
        ({"b": control("wrong", one=0)}, "b: expected a script b.py or b.sh beside the file, found none"),
        ({"a": control("empty", one=0)}, "a: expected no script of a control that does nothing, found a.py"),
        ({"A b": control("empty", one=0)}, "A b: expected a name of at most 60 small letters, digits and _"),
        ({}, "expected at least one control, found none"),
    ],
)
def test_mistakes_are_one_line_each(project: Project, document: Any, line: str) -> None:
    family = project.family("numbers", NUMBERS, tasks=TASKS)
    controls(family, document, a="")
    result = project.pytest("tasks", "--metr-controls", "--collect-only", "-q")
    result.lines(f"{family / 'controls' / 'controls.yaml'}: {line}")
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "other", ["--agent=noop", "--metr-family-tests", "--metr-gate=gate.yaml", "--metr-protocol=plain"]
)
def test_no_agent_is_under_test_beside_them(project: Project, other: str) -> None:
    project.family("numbers", NUMBERS, tasks=TASKS)
    result = project.pytest("tasks", "--metr-controls", other)
    assert result.status == 4
    result.lines(f"ERROR: {other.partition('=')[0]}: expected none with --metr-controls: no agent is under test")


def test_no_agent_file_can_name_the_stand_in(project: Project) -> None:
    project.family("numbers", NUMBERS, tasks=TASKS)
    project.agent("sly", {}, kind="controls")
    result = project.run(agent="sly")
    assert result.status == 4
    result.lines("sly.yaml: kind: expected one of")
