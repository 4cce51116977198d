"""A session that is taken up again decides and ends as it would have done without an interruption."""

from __future__ import annotations

import json

import pytest

from tests.plugin.project import Project
from tests.plugin.test_resume import WORKERS, again, settled


def test_a_persons_own_test_is_not_made_again_and_keeps_its_failure(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    source = "import pytest\n"
    for name, test in (("good", "True"), ("bad", "False")):
        source += "@pytest.mark.metr_task('tasks/numbers', 'one')\n"
        source += f"def test_{name}(sandbox, agent, run_record):\n    run_record.attempt(agent)\n    assert {test}\n"
    (project.root / "test_own.py").write_text(source, encoding="utf-8")
    assert project.pytest("test_own.py", "--agent=noop", f"--metr-out={project.out}").status == 1
    result = project.pytest("test_own.py", "--agent=noop", f"--metr-resume={project.out}", "-rs")
    assert result.status == 1
    result.lines("kept: the test passed before", "kept: the test failed before", "1 skipped, 1 error")
    assert set(settled(project).values()) == {1}


STAGED = """
protocol: staged
version: "1"
brackets: {short: {up_to: 10}, long: {up_to: 1000}}
staging: {above: 0.3}
"""


@WORKERS
@pytest.mark.parametrize("score", ["0", "1"])
def test_what_a_protocol_decided_stands(project: Project, workers: str, score: str) -> None:
    meta = {"short": 5, "long": 500}
    project.family("ladder", tasks={name: {"meta": {"human_minutes": minutes}} for name, minutes in meta.items()})
    source = (project.root / "tasks" / "ladder" / "ladder.py").read_text(encoding="utf-8")
    source = source.replace('["one", "two", "three"]', '["short", "long"]')
    (project.root / "tasks" / "ladder" / "ladder.py").write_text(source, encoding="utf-8")
    project.agent("answers", {"ladder/short": score, "ladder/long": "1"})
    (project.root / "staged.yaml").write_text(STAGED, encoding="utf-8")
    options = ["--metr-protocol=staged.yaml", "-n", workers]
    status = project.run(*options, agent="answers").status
    journal = project.out / "journal.jsonl"
    complete = journal.read_text(encoding="utf-8").splitlines()
    report = project.report()
    for kept in range(2, len(complete), 2 if workers == "2" else 1):  # as if it had been killed after that many lines
        journal.write_text("\n".join(complete[:kept]) + "\n", encoding="utf-8")
        assert again(project, *options).status == status
        found = project.report()
        assert found["decisions"] == report["decisions"]
        assert [(run["run_id"], run["status"], run["score"]) for run in found["runs"]] == [
            (run["run_id"], run["status"], run["score"]) for run in report["runs"]
        ]
        lines = [json.loads(line)["kind"] for line in journal.read_text(encoding="utf-8").splitlines()]
        assert (lines.count("decision"), lines.count("run")) == (2, 2)
