"""Building a family: what runs in which order, with which variables, and how failures are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_metr.errors import TaskError
from pytest_metr.standard import Timeouts, build_family
from pytest_metr.standard.layout import HELPER
from pytest_metr.types import NOT_COPIED, ExecResult

from .local import DONE, Execution, LocalSandbox

INSTALL = """
import os, pathlib
class TaskFamily:
    def install():
        pathlib.Path("installed").write_text(os.environ.get("KEY", "-") + os.environ.get("INDEX", "-"))
"""


def family_at(tmp_path: Path, source: str = INSTALL) -> Path:
    folder = tmp_path / "riddles"
    for name in ("assets", "solution", ".git", "__pycache__"):
        (folder / name).mkdir(parents=True)
        (folder / name / "file").write_text(name)
    (folder / "riddles.py").write_text(source)
    (folder / "assets" / "run.sh").write_text("true")
    (folder / "assets" / "run.sh").chmod(0o777)
    return folder


@pytest.fixture
def sandbox(tmp_path: Path) -> LocalSandbox:
    (tmp_path / "root").mkdir()

    def python(execution: Execution) -> ExecResult:
        return ExecResult(exit_code=0, stdout=b"/packages\n" if "-c" in execution.argv else b"", stderr=b"")

    return LocalSandbox(tmp_path / "root", programs={"python": python, "bash": lambda _: DONE})


def test_the_family_is_copied_without_solution_and_history(tmp_path: Path, sandbox: LocalSandbox) -> None:
    build_family(sandbox, family_at(tmp_path), secrets={})
    there = {str(path.relative_to(sandbox.root)) for path in sandbox.root.rglob("*") if "__pycache__" not in path.parts}
    assert there == {"riddles.py", "assets", "assets/file", "assets/run.sh", "installed"}
    assert sandbox.trees[0][2] == NOT_COPIED


def test_install_sees_all_secrets_and_the_build_settings(tmp_path: Path, sandbox: LocalSandbox) -> None:
    build_family(sandbox, family_at(tmp_path), secrets={"KEY": "k"}, build_env={"INDEX": "i", "KEY": "overridden"})
    assert (sandbox.root / "installed").read_text() == "ki"


def test_everything_runs_in_order_as_root_in_root(tmp_path: Path, sandbox: LocalSandbox) -> None:
    family = family_at(tmp_path)
    (family / "requirements.txt").write_text("# pinned\nnumpy==2\n")
    steps = [
        {"type": "shell", "commands": ["first", "second"]},
        {"type": "file", "source": "assets/run.sh", "destination": "/srv/"},
        {"type": "file", "source": "assets", "destination": "data"},
        {"type": "file", "source": ".", "destination": "/srv/all"},
    ]
    (family / "build_steps.json").write_text(json.dumps(steps))
    build_family(sandbox, family, secrets={"KEY": "k"}, build_env={"INDEX": "i"}, timeouts=Timeouts(install=99))
    ran = sandbox.executions[1:-1]
    assert [execution.argv[-1] for execution in ran] == ["requirements.txt", "first", "second", "install"]
    assert ran[0].argv[:4] == ["python", "-m", "pip", "install"]
    assert ran[1].argv[:2] == ["bash", "-c"]
    assert {(execution.user, execution.cwd, execution.timeout) for execution in ran} == {("root", "/root", 99)}
    assert [execution.env for execution in ran[:3]] == [{"INDEX": "i"}] * 3
    assert sandbox.files["/srv/run.sh"] == (b"true", 0o755)
    assert sandbox.trees[1:] == [
        (family / "assets", "/root/data", ()),
        (family, "/srv/all", NOT_COPIED),
    ]


def test_requirements_that_ask_for_nothing_run_no_pip(tmp_path: Path, sandbox: LocalSandbox) -> None:
    family = family_at(tmp_path)
    (family / "requirements.txt").write_text("\n  # nothing yet\n")
    build_family(sandbox, family, secrets={})
    assert not any("pip" in execution.argv for execution in sandbox.executions)


def test_a_family_without_install_is_built(tmp_path: Path, sandbox: LocalSandbox) -> None:
    build_family(sandbox, family_at(tmp_path, "class TaskFamily: pass\n"), secrets={})
    assert sandbox.methods_called()[-1] == "install"


def test_a_failing_install_is_told_with_its_output(tmp_path: Path, sandbox: LocalSandbox) -> None:
    source = "class TaskFamily:\n    def install(self):\n        print('so far')\n        raise OSError('no disk')\n"
    with pytest.raises(TaskError, match=r"riddles.py: install: raised OSError: no disk") as caught:
        build_family(sandbox, family_at(tmp_path, source), secrets={})
    assert caught.value.cause == "task_install"
    assert caught.value.evidence["stdout"] == "so far\n"
    assert caught.value.evidence["exit_code"] == "1"


def test_a_failing_command_is_told_with_file_key_and_last_line(tmp_path: Path, sandbox: LocalSandbox) -> None:
    family = family_at(tmp_path)
    (family / "build_steps.json").write_text('[{"type": "shell", "commands": ["ok", "make"]}]')
    failed = ExecResult(exit_code=2, stdout=b"out", stderr=b"warning\nmake: no rule\n")
    sandbox.programs["bash"] = lambda execution: failed if execution.argv[-1] == "make" else DONE
    with pytest.raises(TaskError) as caught:
        build_family(sandbox, family, secrets={})
    place = f"{family / 'build_steps.json'}: [0].commands[1]"
    assert str(caught.value) == f"{place}: ended with exit code 2: make: no rule"
    assert caught.value.cause == "task_build"
    assert caught.value.evidence == {"stdout": "out", "stderr": "warning\nmake: no rule\n", "exit_code": "2"}
    assert HELPER not in sandbox.executions[-1].argv


def test_requirements_that_cannot_be_installed_are_told(tmp_path: Path, sandbox: LocalSandbox) -> None:
    family = family_at(tmp_path)
    (family / "requirements.txt").write_text("nothing-like-this\n")
    sandbox.programs["pip"] = lambda _: ExecResult(exit_code=None, stdout=b"", stderr=b"", timed_out=True)
    with pytest.raises(TaskError, match=r"requirements.txt: timed out after 3600 s") as caught:
        build_family(sandbox, family, secrets={})
    assert caught.value.cause == "task_build"


def test_a_mistake_in_the_build_steps_is_found_before_anything_runs(tmp_path: Path, sandbox: LocalSandbox) -> None:
    family = family_at(tmp_path)
    (family / "build_steps.json").write_text("{}")
    with pytest.raises(TaskError, match="expected a list of build steps"):
        build_family(sandbox, family, secrets={})
    assert sandbox.executions == []
