"""A family as ``pytest-metr new-family`` makes it passes every check at once, in a sandbox of each kind."""

from __future__ import annotations

import os
import subprocess

from tests.conformance.providers import DOCKER_BASE
from tests.plugin.project import Project
from tests.unit.commands.command import run_command


def said(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command(*arguments, cwd=project.root, env={**os.environ, **project.environment})


def command(project: Project, *arguments: str) -> str:
    done = said(project, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_new_family_passes_every_check(anywhere: Project) -> None:
    command(anywhere, "new-family", "odd_sum")
    assert anywhere.run(agent="oracle").status == 0
    anywhere.out = anywhere.root / "noop"
    assert anywhere.run(agent="noop").status == 1
    assert [run["score"] for run in anywhere.runs().values()] == [0.0]
    result = anywhere.pytest("tasks", "--metr-controls", f"--metr-out={anywhere.root / 'controls'}")
    assert result.status == 0, result.output
    result.lines("controls: 7 of 7 in 1 families")
    result = anywhere.pytest("tasks", "--metr-family-tests")
    assert result.status == 0, result.output
    provider = "docker" if "--sandbox=docker" in (anywhere.root / "pytest.ini").read_text() else "bubblewrap"
    options = (f"--sandbox={provider}", f"--metr-docker-base={DOCKER_BASE}")
    assert command(anywhere, "lint", *options).splitlines() == ["0 findings in 1 family"]


def test_instructions_that_tell_too_much(project: Project) -> None:
    command(project, "new-family", "odd_sum")
    module = project.root / "tasks" / "odd_sum" / "odd_sum.py"
    told = "Look into /root/assets.\n    answer = {name: sum(map(value, texts)) for name, texts in lists.items()}\n"
    text = module.read_text(encoding="utf-8").replace("{count}", "20").replace(".format(count=len(lists()[0]))", "")
    module.write_text(text.replace('INSTRUCTIONS = """\\\n', f'INSTRUCTIONS = """\\\n{told}'), encoding="utf-8")
    done = said(project, "lint", "--sandbox=bubblewrap")
    assert done.returncode == 1
    assert "odd_sum.py: main: instructions: names /root, which an agent need not know of" in done.stdout
    assert "instructions: has a line of the reference solution: answer = {name: sum(map" in done.stdout
