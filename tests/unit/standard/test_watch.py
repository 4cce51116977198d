"""The code that scores is the code that was there after ``start``."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_metr.errors import TaskError
from pytest_metr.standard import Lifecycle, TaskData
from pytest_metr.types import ExecResult

from .local import LocalSandbox, sandbox_with, spec

BODY = """
class TaskFamily:
    def get_tasks(): return {"first": {}}
    def intermediate_score(t): return 0.25
    def score(t, submission): return 0.5
"""
DATA = TaskData(has_score=True, has_intermediate_score=True, skip_chown_after_start=True)


@pytest.fixture
def sandbox(tmp_path: Path) -> LocalSandbox:
    """Return a sandbox with a family of two modules, a package, data, and a tree of installed code."""
    sandbox = sandbox_with(tmp_path, BODY)
    files = {
        "root/checks.py": "",
        "root/parts/__init__.py": "",
        "root/parts/deep.py": "",
        "root/assets/data.txt": "",
        "root/repository/code.py": "",
        "family/riddles.py": BODY,
        "family/parts/deep.py": "",
        "family/solution/answer.py": "",
        "local/bin/python": "",
        "local/lib/site-packages/numbers_of.py": "",
        "local/lib/site-packages/__pycache__/numbers_of.cpython-311.pyc": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    sandbox.code_trees.append(tmp_path / "local")
    return sandbox


@pytest.fixture
def run(tmp_path: Path, sandbox: LocalSandbox) -> Lifecycle:
    """Return a run that has been started."""
    task = dataclasses.replace(spec(), family_dir=str(tmp_path / "family"))
    run = Lifecycle(sandbox, task, DATA, secrets={})
    run.start()
    return run


def put(name: str, text: str = "x = 1\n") -> Callable[[Path], object]:
    def change(base: Path) -> None:
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text(text)

    return change


def gone(name: str) -> Callable[[Path], object]:
    return lambda base: (base / name).unlink()


def link(name: str, target: str) -> Callable[[Path], object]:
    def change(base: Path) -> None:
        (base / name).unlink()
        (base / name).symlink_to(target)

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (put("root/riddles.py", BODY.replace("0.5", "1.0")), "root/riddles.py has changed"),
        (put("root/checks.py"), "root/checks.py has changed"),
        (put("root/parts/deep.py"), "root/parts/deep.py has changed"),
        (gone("root/checks.py"), "root/checks.py is gone"),
        (link("root/checks.py", "/home/agent/checks.py"), "root/checks.py has changed"),
        (put("root/random.py"), "root/random.py is new"),
        (put("root/numbers_of.py"), "root/numbers_of.py is new"),
        (put("root/checks/__init__.py"), "root/checks/__init__.py is new"),
        (put("root/parts/deep/__init__.py"), "root/parts/deep/__init__.py is new"),
        (put("root/riddles.cpython-311-x86_64-linux-gnu.so"), ".so is new"),
        (put("local/bin/python"), "bin/python has changed"),
        (put("local/bin/env"), "bin/env is new"),
        (put("local/pyvenv.cfg"), "pyvenv.cfg is new"),
        (put("local/lib/site-packages/evil.pth"), "evil.pth is new"),
        (put("local/lib/site-packages/sitecustomize.py"), "sitecustomize.py is new"),
        (put("local/lib/site-packages/numbers_of.py"), "numbers_of.py has changed"),
        (put("local/lib/site-packages/__pycache__/numbers_of.cpython-311.pyc"), ".pyc has changed"),
    ],
)
def test_changed_code_scores_nothing(
    tmp_path: Path, run: Lifecycle, change: Callable[[Path], object], told: str
) -> None:
    change(tmp_path)
    for score in (lambda: run.final_score(""), lambda: run.intermediate_score(0)):
        with pytest.raises(TaskError, match=r"riddles.py: its code is not what it was after start: ") as caught:
            score()
        assert caught.value.cause == "task_changed"
        assert str(caught.value).endswith(told)
        assert caught.value.evidence["changes"] in str(caught.value)
    assert run.score_log == ()


def test_what_tasks_change_on_purpose_is_not_told(tmp_path: Path, run: Lifecycle) -> None:
    for name in (
        "root/assets/data.txt",
        "root/state.json",
        "root/solution.py",
        "root/parts/candidate.py",
        "root/repository/code.py",
        "root/work/random.py",
        "root/work/__init__.py",
        "local/lib/site-packages/other_package/__init__.py",
        "local/share/data",
        "local/bin/a-new-tool",
        "local/venv/pyvenv.cfg",
        "local/venv/bin/python",
    ):
        put(name)(tmp_path)
    (tmp_path / "root/checks.py").write_text("")
    (tmp_path / "root/checks.py").chmod(0o600)
    assert run.final_score("").score == 0.5


def test_bytecode_that_appeared_since_is_removed(tmp_path: Path, run: Lifecycle) -> None:
    new = tmp_path / "root/__pycache__/checks.cpython-311.pyc"
    put("root/__pycache__/checks.cpython-311.pyc")(tmp_path)
    assert run.final_score("").score == 0.5
    assert not new.exists()


def test_many_changes_are_told_in_short(tmp_path: Path, run: Lifecycle) -> None:
    for number in range(8):
        put(f"local/lib/site-packages/{number}.pth")(tmp_path)
    with pytest.raises(TaskError, match=r"0.pth is new, .*4.pth is new and 3 more$"):
        run.final_score("")


def test_looking_at_the_code_takes_one_process_before_each_score(sandbox: LocalSandbox, run: Lifecycle) -> None:
    run.intermediate_score(0)
    run.final_score("")
    looks = [execution for execution in sandbox.executions if "-S" in execution.argv]
    assert len(looks) == 3
    assert looks[0].argv[0] == "python"
    assert Path(looks[1].argv[0]).is_absolute()
    assert {look.user for look in looks} == {"root"}


def test_code_that_cannot_be_looked_at_scores_nothing(
    sandbox: LocalSandbox, run: Lifecycle, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = ExecResult(exit_code=1, stdout=b"", stderr=b"MemoryError\n")
    monkeypatch.setattr(LocalSandbox, "_code_state", lambda *_: broken)
    with pytest.raises(TaskError, match="looking at its code ended with exit code 1: MemoryError") as caught:
        run.final_score("")
    assert caught.value.cause == "task_changed"
