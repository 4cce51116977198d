"""What is handed in for the installation of families: only that sees it, and nothing of it is kept."""

from __future__ import annotations

import pytest

from tests.plugin.project import Project

FAMILY = """
import os, subprocess

SEEN = "/root/seen"
NAMES = ("PIP_INDEX_URL", "OF_HERE", "NOT_SET", "PIP_CERT")


def told():
    return " ".join(f"{name}={os.environ.get(name)}" for name in NAMES)


class TaskFamily:
    standard_version = "0.5.0"

    @staticmethod
    def install():
        with open(SEEN, "w") as file:
            file.write(told() + " " + open(os.environ["PIP_CERT"]).read())

    @staticmethod
    def get_tasks():
        return {"main": {}}

    @staticmethod
    def get_instructions(t):
        return open(SEEN).read()

    @staticmethod
    def score(t, submission):
        installed = "PIP_INDEX_URL=https://user:word@mirror.example/simple OF_HERE=here NOT_SET=None "
        installed += "PIP_CERT=/root/.metr-build-ca.pem CERTIFICATES"
        now = " ".join(f"{name}=None" for name in NAMES)
        gone = not os.path.exists("/root/.metr-build-ca.pem")
        return float(open(SEEN).read() == installed and told() == now and gone)
"""
INI = """[pytest]
metr_build_env =
    PIP_INDEX_URL=https://user:word@mirror.example/simple
    OF_HERE
    NOT_SET
metr_build_ca_bundle = certificates.pem
"""


def closed_network(project: Project) -> None:
    project.family("closed", FAMILY, tasks={"main": {}})
    (project.root / "pytest.ini").write_text(INI, encoding="utf-8")
    (project.root / "certificates.pem").write_text("CERTIFICATES", encoding="utf-8")
    project.environment["OF_HERE"] = "here"


def test_variables_and_certificates_are_there_for_the_installation_and_for_nothing_else(project: Project) -> None:
    closed_network(project)
    result = project.run("--sandbox=bubblewrap")
    assert result.status == 0, result.output
    transcripts = "".join(path.read_text("utf-8") for path in (project.out / "transcripts").iterdir())
    assert "OF_HERE=here" in transcripts
    assert "user:word" not in transcripts  # an address with a password is hidden like a secret


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("metr_build_env = not a name", "metr_build_env: expected NAME=value or NAME, found 'not a name'"),
        ("metr_build_ca_bundle = nothing.pem", "metr_build_ca_bundle: expected a file, found none at "),
    ],
)
def test_a_mistake_is_told_with_file_and_key(project: Project, line: str, what: str) -> None:
    project.family("closed", FAMILY, tasks={"main": {}})
    (project.root / "pytest.ini").write_text(f"[pytest]\n{line}\n", encoding="utf-8")
    result = project.run()
    assert result.status == 4
    result.lines("pytest.ini: ", what)


def test_a_session_says_which_better_sandbox_it_passed_over(project: Project) -> None:
    closed_network(project)
    project.environment["DOCKER_HOST"] = "tcp://127.0.0.1:1"
    result = project.run("--collect-only")
    assert "passed over" not in result.output  # nothing needs a sandbox
    result = project.run("-n", "1")
    result.lines("sandbox bubblewrap", "metr: passed over docker: no engine answers: nobody listens there")
    assert {run["sandbox"]["provider"] for run in project.runs().values()} == {"bubblewrap"}


def test_an_engine_that_was_asked_for_and_does_not_answer_is_a_mistake_of_usage(project: Project) -> None:
    project.family("closed", FAMILY, tasks={"main": {}})
    project.environment["DOCKER_HOST"] = "tcp://127.0.0.1:1"
    result = project.run("--sandbox=docker")
    assert result.status == 4
    result.lines(
        "--sandbox=docker: no sandbox can be made here: docker: no engine answers", "(remedy: start the engine"
    )
