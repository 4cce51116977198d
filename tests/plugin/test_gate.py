"""A session with a gate: verdict, exit status, JUnit file, CI job's page. Nothing that is missing ever passes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
import yaml

from tests.plugin.project import Project

FAMILIES = [f"family{number}" for number in range(6)]


def rule(threshold: float, must_stay: str = "below") -> dict[str, Any]:
    return {"metric": "overall_score", "must_stay": must_stay, "threshold": threshold}


def write_gate(project: Project, *rules: dict[str, Any], **more: Any) -> str:
    """Write a gate file and return the option that names it."""
    document = {"tasks": 6, "rules": list(rules), **more}
    (project.root / "gate.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    return "--metr-gate=gate.yaml"


@pytest.fixture
def six(project: Project) -> Project:
    """Six families of one task each; an agent that solves none, so that its score is below 0.46 for all we know."""
    for name in FAMILIES:
        project.family(name, tasks={"one": {"meta": {"human_minutes": 10}}})
    project.agent("still", {f"{name}/one": "0" for name in FAMILIES})
    return project


@pytest.mark.parametrize(
    ("rules", "verdict", "status"),
    [
        ([rule(0.5), rule(0.9)], "passed", 0),
        ([rule(0.5), rule(0.6, "above")], "failed", 1),
        ([rule(0.3), rule(0.9)], "inconclusive", 20),
    ],
)
def test_the_verdict_is_the_exit_status_and_stands_in_every_report(
    six: Project, rules: list[dict[str, Any]], verdict: str, status: int
) -> None:
    page = six.root / "summary.md"
    six.environment["GITHUB_STEP_SUMMARY"] = str(page)
    page.write_text("what an earlier step said\n", encoding="utf-8")
    workers = "0" if verdict == "failed" else "2"
    result = six.run("-n", workers, write_gate(six, *rules), "--junitxml=j.xml", agent="still")
    assert result.status == status
    result.lines(f"gate gate: {verdict.upper()} (exit status {status})", "6 failed")
    assert six.report()["gate"]["verdict"] == verdict
    properties = ET.parse(six.root / "j.xml").findall("testsuite/properties/property")
    told = {found.get("name"): found.get("value") for found in properties}
    assert told["metr_gate"] == verdict
    assert told["metr_gate_sentence"] == six.report()["gate"]["sentence"]
    text = page.read_text(encoding="utf-8")
    assert text.startswith("what an earlier step said\n")
    assert f"Gate gate: {verdict}" in text


def test_a_test_that_is_no_run_fails_the_session_as_always(six: Project) -> None:
    (six.root / "tasks" / "test_ordinary.py").write_text("def test_it(): assert False\n", encoding="utf-8")
    result = six.run(write_gate(six, rule(0.5)), agent="still")
    assert result.status == 1
    assert six.report()["gate"]["verdict"] == "passed"


def test_a_page_that_cannot_be_written_changes_no_verdict(six: Project) -> None:
    six.environment["GITHUB_STEP_SUMMARY"] = str(six.root / "no" / "folder.md")
    result = six.run("-n", "2", write_gate(six, rule(0.5)), agent="still")
    assert result.status == 0
    result.lines("GITHUB_STEP_SUMMARY: cannot be written")


@pytest.mark.parametrize(
    "trouble", ["a run that fails by the sandbox", "a family that cannot be read", "-x", "-k", "nothing to run"]
)
def test_what_is_missing_never_passes(six: Project, trouble: str) -> None:
    options = []
    if trouble == "a run that fails by the sandbox":
        source = (six.root / "tasks" / "family5" / "family5.py").read_text(encoding="utf-8")
        broken = source + "\n    @staticmethod\n    def start(t):\n        1 / 0\n"
        (six.root / "tasks" / "family5" / "family5.py").write_text(broken, encoding="utf-8")
    elif trouble == "a family that cannot be read":
        six.family("seventh", tasks={"one": {"resources": {"cpus": "many"}}})
    elif trouble == "-k":
        options = ["-k", "not family3"]
    elif trouble == "nothing to run":
        (six.root / "test_ordinary.py").write_text("def test_it(): pass\n", encoding="utf-8")
        result = six.pytest("test_ordinary.py", "--agent=still", write_gate(six, rule(0.5)))
        assert result.status == 20
        result.lines("there was no run to judge")
        return
    else:
        options = ["-x"]
    result = six.run(write_gate(six, rule(0.99)), *options, agent="still")
    assert result.status == 20
    assert six.report()["gate"]["verdict"] == "inconclusive"


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"rules": [{**rule(0.5), "metric": "time_horizon_p51"}]}, "rules[0].metric: expected"),
        ({"rules": [rule(0.5)], "checks": ["mood"]}, "checks[0]: expected"),
        ({"rules": [rule(0.5)], "agents": ["nobody"]}, "agents[0]: expected an agent of this session (still)"),
        ({"rules": [rule(0.5)], "surprise": 1}, "surprise"),
    ],
)
def test_a_gate_that_cannot_judge_this_session_is_refused_before_anything_runs(
    six: Project, document: dict[str, Any], told: str
) -> None:
    write_gate(six, **document)
    result = six.run("--metr-gate=gate.yaml", agent="still")
    assert result.status == 4
    result.lines("gate.yaml", told)
    assert "Traceback" not in result.output
    assert not six.out.exists()


def test_a_gate_over_controls_alone_or_without_any_agent_is_refused(six: Project) -> None:
    result = six.run(write_gate(six, rule(0.5)), agent="noop")
    assert result.status == 4
    result.lines("oracle and noop are controls")
    result = six.pytest("tasks", "--metr-gate=gate.yaml")
    assert result.status == 4
    result.lines("--metr-gate: expected an agent to judge: --agent NAME")
