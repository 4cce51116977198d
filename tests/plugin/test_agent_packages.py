"""Packages of an agent: there for the agent alone, in a machine of their own, beside the task's own Python."""

from __future__ import annotations

import pytest
import yaml

from tests.plugin.project import Project

FAMILY = """
import importlib.util


class TaskFamily:
    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return {"main": {}}

    @staticmethod
    def get_instructions(t):
        return "Submit 1."

    @staticmethod
    def score(t, submission):
        return float(submission.strip() == "1" and importlib.util.find_spec("six") is None)
"""
PROGRAM = """
set -e
/opt/agent/bin/python -c 'import six'
! python -c 'import six' 2> /dev/null
! touch /opt/agent/mine 2> /dev/null
! touch /opt/agent/bin/mine 2> /dev/null
echo 1 > submission.txt
"""


def agent(project: Project, name: str, packages: list[str], command: str = PROGRAM) -> None:
    folder = project.root / "agents"
    folder.mkdir(exist_ok=True)
    document = {"kind": "command", "command": command, "packages": packages}
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")


def test_packages_are_the_agents_alone_and_change_no_image_but_its_own(anywhere: Project) -> None:
    anywhere.family("easy", FAMILY, tasks={"main": {}})
    agent(anywhere, "bringing", ["six==1.17.0"])
    agent(anywhere, "plain", [], "echo 1 > submission.txt")
    result = anywhere.pytest("tasks", "--agent=bringing", "--agent=plain", "--agent=noop", f"--metr-out={anywhere.out}")
    result.lines("2 passed", "1 failed")
    images = {run["agent"]: run["sandbox"]["image"] for run in anywhere.runs().values()}
    assert images["plain"] == images["noop"] != images["bringing"]


def test_a_package_that_is_not_there_is_an_error_of_the_infrastructure(project: Project) -> None:
    project.use("bubblewrap")
    project.family("easy", FAMILY, tasks={"main": {}})
    agent(project, "bringing", ["six==999"])
    project.run(agent="bringing")
    [run] = project.runs().values()
    assert (run["status"], run["failure"]["cause"]) == ("infra_error", "agent_packages")
    assert "six==999" in run["failure"]["message"]
    assert not run["failed_tries"]


@pytest.mark.parametrize("packages", ["six", ["-r requirements.txt"], [1], ["./six"], ["six\nseven"]])
def test_what_is_no_requirement_is_a_mistake_in_the_file(project: Project, packages: object) -> None:
    project.family("easy", FAMILY, tasks={"main": {}})
    agent(project, "bringing", packages)  # type: ignore[arg-type]
    result = project.run(agent="bringing")
    assert result.status == 4
    assert "bringing.yaml: packages" in result.output
