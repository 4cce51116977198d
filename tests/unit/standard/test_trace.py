"""The traceback that is evidence: a family's frames, and never the helper's."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_metr.errors import TaskError
from pytest_metr.standard import list_tasks, read_task_data
from pytest_metr.standard.layout import INSIDE

from .local import sandbox_with, spec


def evidence(tmp_path: Path, body: str) -> dict[str, str]:
    """Return the evidence of a ``get_tasks`` that fails, after a look for our own frames in it."""
    with pytest.raises(TaskError) as caught:
        list_tasks(sandbox_with(tmp_path, body), "riddles", secrets={})
    stderr = caught.value.evidence["stderr"]
    assert str(INSIDE) not in stderr
    assert "importlib" not in stderr
    return dict(caught.value.evidence)


def test_the_traceback_of_an_exception_begins_in_the_family(tmp_path: Path) -> None:
    found = evidence(tmp_path, "class TaskFamily:\n    def get_tasks():\n        return 1 / 0\n")
    lines = found["stderr"].splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].strip() == f'File "{tmp_path}/root/riddles.py", line 3, in get_tasks'
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert found["exit_code"] == "1"


def test_what_a_family_calls_is_in_its_traceback(tmp_path: Path) -> None:
    found = evidence(tmp_path, "import json\nclass TaskFamily:\n    def get_tasks():\n        return json.loads('')\n")
    assert "in get_tasks" in found["stderr"]
    assert "in raw_decode" in found["stderr"]


def test_an_exception_behind_an_exception_is_shown(tmp_path: Path) -> None:
    body = """
    class TaskFamily:
        def get_tasks():
            try:
                return 1 / 0
            except ZeroDivisionError as error:
                raise ValueError("outer") from error
    """
    found = evidence(tmp_path, body)["stderr"]
    assert "ZeroDivisionError: division by zero" in found
    assert found.endswith("ValueError: outer\n")
    assert found.count("in get_tasks") == 2


@pytest.mark.parametrize(
    ("body", "last"),
    [
        ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("class TaskFamily(:\n", "SyntaxError: "),
        ("class TaskFamily:\n    def get_tasks(t, u): pass\n", "TypeError: "),
    ],
)
def test_a_family_that_cannot_be_called_leaves_none_of_our_frames(tmp_path: Path, body: str, last: str) -> None:
    found = evidence(tmp_path, body)
    assert found["stderr"].splitlines()[-1].startswith(last)
    assert found["exit_code"] == "1"


@pytest.mark.parametrize(
    "body", ["x = 1", "class TaskFamily: pass", "class TaskFamily:\n    def get_tasks(): return 3"]
)
def test_a_broken_rule_of_the_standard_has_no_traceback(tmp_path: Path, body: str) -> None:
    assert evidence(tmp_path, body) == {"stdout": "", "stderr": "", "exit_code": "1"}


def test_an_unknown_task_leaves_nothing_on_standard_error(tmp_path: Path) -> None:
    sandbox = sandbox_with(tmp_path, "class TaskFamily:\n    def get_tasks(): return {'first': {}}\n")
    with pytest.raises(TaskError) as caught:
        read_task_data(sandbox, spec("second"), secrets={})
    assert caught.value.evidence.get("stderr", "") == ""


def test_an_exit_keeps_its_status_and_its_message(tmp_path: Path) -> None:
    body = "import sys\nclass TaskFamily:\n    def get_tasks(): sys.exit({})\n"
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert evidence(tmp_path / "a", body.format(7)) == {"stdout": "", "stderr": "", "exit_code": "7"}
    assert evidence(tmp_path / "b", body.format("'enough'")) == {"stdout": "", "stderr": "enough\n", "exit_code": "1"}


def test_an_exception_after_standard_error_was_closed_is_told_all_the_same(tmp_path: Path) -> None:
    body = """
    import os, sys
    class TaskFamily:
        def get_tasks():
            sys.stderr.close()
            raise ValueError("late")
    """
    with pytest.raises(TaskError, match="raised ValueError: late"):
        list_tasks(sandbox_with(tmp_path, body), "riddles", secrets={})


def test_an_exception_that_cannot_be_shown_is_told_without_our_frames(tmp_path: Path) -> None:
    body = """
    class Odd(Exception):
        def __str__(self): raise ValueError
    class TaskFamily:
        def get_tasks(): raise Odd
    """
    assert "in get_tasks" in evidence(tmp_path, body)["stderr"]
