"""An agent that has taken all memory does not get an error in the place of its score."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.errors import TaskError
from pytest_metr.standard import Lifecycle, TaskData
from pytest_metr.standard.layout import HELPER
from pytest_metr.types import ExecResult

from .local import LocalSandbox, sandbox_with, spec

FAMILY = """
class TaskFamily:
    def get_tasks(): return {"first": {}}
    def intermediate_score(t): return {"score": 0.5}
    def score(t, submission): return 0.25
"""


@dataclass
class CrowdedSandbox(LocalSandbox):
    """Kills what scores while it is crowded, which it is until the agent is killed, or for ever."""

    crowded: bool = True
    for_ever: bool = False
    kills: int = 0

    def exec(self, argv: Any, **options: Any) -> ExecResult:
        if self.crowded and HELPER in argv:
            return ExecResult(exit_code=-9, stdout=b"", stderr=b"", out_of_memory=True)
        return super().exec(argv, **options)

    def kill_agent(self) -> None:
        self.kills += 1
        self.crowded = self.for_ever


def run_in(tmp_path: Path, **options: Any) -> tuple[Lifecycle, CrowdedSandbox]:
    sandbox = CrowdedSandbox(sandbox_with(tmp_path, FAMILY).root, **options)
    data = TaskData(has_score=True, has_intermediate_score=True)
    return Lifecycle(sandbox, spec(), data, secrets={}), sandbox


def test_a_score_is_taken_again_without_the_agents_processes_and_says_so(tmp_path: Path) -> None:
    run, sandbox = run_in(tmp_path)
    found = run.final_score("")
    assert (found.score, sandbox.kills) == (0.25, 1)
    assert "out of memory" in found.notes[0]


def test_an_intermediate_score_is_too(tmp_path: Path) -> None:
    run, sandbox = run_in(tmp_path)
    entry = run.intermediate_score(0)
    assert entry is not None
    assert (entry.score, sandbox.kills, len(run.score_log)) == (0.5, 1, 1)


def test_what_runs_out_of_memory_alone_is_an_error_with_that_cause(tmp_path: Path) -> None:
    run, sandbox = run_in(tmp_path, for_ever=True)
    with pytest.raises(TaskError, match="ran out of memory") as caught:
        run.final_score("")
    assert (caught.value.cause, sandbox.kills) == ("out_of_memory", 1)


def test_a_score_that_fails_otherwise_is_not_taken_again(tmp_path: Path) -> None:
    run, sandbox = run_in(tmp_path, crowded=False)
    (sandbox.root / "riddles.py").write_text(FAMILY.replace("return 0.25", "return []"), "utf-8")
    with pytest.raises(TaskError, match="expected a number"):
        run.final_score("")
    assert sandbox.kills == 0


def test_a_task_that_finds_the_disk_full_says_so_by_its_cause(tmp_path: Path) -> None:
    family = FAMILY.replace("return 0.25", "raise OSError(28, 'No space left on device')")
    run = Lifecycle(sandbox_with(tmp_path, family), spec(), TaskData(has_score=True), secrets={})
    with pytest.raises(TaskError, match="No space left on device") as caught:
        run.final_score("")
    assert caught.value.cause == "disk_full"
