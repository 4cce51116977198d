"""A run's dealings with its family, through the real helper."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.errors import SandboxError, TaskError
from pytest_metr.standard import Lifecycle, TaskData, Timeouts
from pytest_metr.standard.layout import CHOWN_HOME, HELPER
from pytest_metr.types import ExecResult

from .local import Execution, LocalSandbox, sandbox_with, spec

HEAD = """
import json, os, pathlib, subprocess, sys, tempfile
class TaskFamily:
    required_environment_variables = ["KEY"]
    @staticmethod
    def get_tasks():
        assert os.environ["OTHER"] == "other"
        return {"first": {"n": 1}}
"""
METHODS = ("start", "score", "intermediate_score", "aggregate_scores", "teardown")
SECRETS = {"KEY": "key", "OTHER": "other", "HOME": "/secret"}


def lifecycle_of(tmp_path: Path, methods: str, **options: Any) -> tuple[Lifecycle, LocalSandbox]:
    """Return a run of a family with *methods*, lines that are indented by four."""
    sandbox = sandbox_with(tmp_path, HEAD + methods)
    flags = {f"has_{name}": f"def {name}(" in methods for name in METHODS}
    flags["skip_chown_after_start"] = "skip_chown_after_start = True" in methods
    data = TaskData.from_json({"required_environment_variables": ["KEY"], **flags})
    return Lifecycle(sandbox, spec(), data, secrets=SECRETS, **options), sandbox


def returning(expression: str) -> str:
    return f"    def score(t, submission): return {expression}\n"


def final(tmp_path: Path, methods: str, submission: str = "") -> float | None:
    return lifecycle_of(tmp_path, methods)[0].final_score(submission).score


def test_only_required_variables_reach_the_methods_and_get_tasks_sees_all(tmp_path: Path) -> None:
    methods = """
    @staticmethod
    def start(t):
        seen = {name: os.environ.get(name) for name in ("KEY", "OTHER", "HOME")}
        pathlib.Path("seen.json").write_text(json.dumps([t, seen, sys.stdin.read()]))
    """
    run, sandbox = lifecycle_of(tmp_path, methods)
    run.start()
    seen = json.loads((sandbox.root / "seen.json").read_text())
    assert seen == [{"n": 1}, {"KEY": "key", "OTHER": None, "HOME": None}, ""]
    assert sandbox.executions[0].env == {"KEY": "key"}


def test_start_is_followed_by_giving_the_agent_its_home(tmp_path: Path) -> None:
    run, sandbox = lifecycle_of(tmp_path, "    def start(self, t): print('started')\n")
    run.start()
    assert sandbox.methods_called() == ["start", "chown"]
    assert run.outputs["start"] == {"stdout": "started\n", "stderr": "", "exit_code": "0"}
    assert run.outputs["chown"]["exit_code"] == "0"


def test_a_family_without_start_still_gives_the_agent_its_home(tmp_path: Path) -> None:
    run, sandbox = lifecycle_of(tmp_path, "")
    run.start()
    assert sandbox.methods_called() == ["chown"]


def test_a_family_can_keep_the_owners_that_it_set(tmp_path: Path) -> None:
    run, sandbox = lifecycle_of(tmp_path, "    skip_chown_after_start = True\n    def start(t): pass\n")
    run.start()
    assert sandbox.methods_called() == ["start"]


def test_a_home_that_cannot_be_given_away_is_an_error_with_the_evidence_of_both(tmp_path: Path) -> None:
    run, sandbox = lifecycle_of(tmp_path, "    def start(t): print('started')\n")
    sandbox.programs[CHOWN_HOME] = lambda _: ExecResult(exit_code=1, stdout=b"", stderr=b"chown: 'x': read-only\n")
    with pytest.raises(TaskError, match="giving /home/agent to the agent ended with exit code 1: chown") as caught:
        run.start()
    assert caught.value.cause == "task_start"
    assert caught.value.evidence["start_stdout"] == "started\n"
    assert caught.value.evidence["stderr"] == "chown: 'x': read-only\n"


@pytest.mark.parametrize(
    ("expression", "score"),
    [("0.5", 0.5), ("True", 1.0), ("0", 0.0), ("-2.5", -2.5), ("None", None), ("float(submission)", 0.125)],
)
def test_a_score_is_a_number_or_left_to_a_person(tmp_path: Path, expression: str, score: float | None) -> None:
    run, sandbox = lifecycle_of(tmp_path, returning(expression))
    found = run.final_score("0.125")
    assert found.score == score
    assert found.score is None or type(found.score) is float
    assert found.notes == (("score returned None: a person must score",) if score is None else ())
    assert sorted(path.name for path in sandbox.root.iterdir() if path.name != "__pycache__") == ["riddles.py"]


@pytest.mark.parametrize("expression", ["float('nan')", "float('inf')", "-float('inf')", "10**400"])
def test_a_score_that_is_not_finite_is_no_valid_score_and_counts_0(tmp_path: Path, expression: str) -> None:
    found = lifecycle_of(tmp_path, returning(expression))[0].final_score("")
    assert found.score == 0.0
    assert found.notes[0].endswith("which is no valid score: counted as 0")


@pytest.mark.parametrize("expression", ["'0.5'", "[0.5]", "{}", "1j", "object()", "10**10_000"])
def test_a_score_that_is_no_number_is_an_error_of_the_task(tmp_path: Path, expression: str) -> None:
    with pytest.raises(TaskError, match=r"riddles.py: score: expected a number or None, found") as caught:
        final(tmp_path, returning(expression))
    assert caught.value.cause == "task_score"
    assert caught.value.evidence["exit_code"] == "0"


def test_a_score_that_raises_is_an_error_with_both_streams(tmp_path: Path) -> None:
    methods = """
    @staticmethod
    def score(t, submission):
        print("working")
        raise KeyError("answer")
    """
    with pytest.raises(TaskError, match=r"riddles.py: score: raised KeyError: 'answer'") as caught:
        final(tmp_path, methods)
    assert caught.value.cause == "task_score"
    assert caught.value.evidence["stdout"] == "working\n"
    assert "KeyError" in caught.value.evidence["stderr"]
    assert caught.value.evidence["exit_code"] == "1"


def test_a_score_that_takes_too_long_is_an_error_that_keeps_the_output(tmp_path: Path) -> None:
    run, sandbox = lifecycle_of(tmp_path, returning("1"), timeouts=Timeouts(score=7))
    late = ExecResult(exit_code=None, stdout=b"begun\n", stderr=b"\xff", timed_out=True)
    sandbox.programs[HELPER] = lambda execution: late
    with pytest.raises(TaskError, match="score: timed out after 7 s") as caught:
        run.final_score("")
    assert sandbox.executions[0].timeout == 7
    assert caught.value.evidence == {"stdout": "begun\n", "stderr": "\ufffd", "exit_code": "timed out"}


def test_a_forked_child_that_returns_too_gives_no_second_value(tmp_path: Path) -> None:
    assert final(tmp_path, returning("0.5 if os.fork() else 1.0")) == 0.5


def test_a_value_in_the_output_is_no_value(tmp_path: Path) -> None:
    methods = "    def score(t, submission):\n        print(json.dumps({'value': 1.0}))\n        os._exit(0)\n"
    with pytest.raises(TaskError, match="ended with exit code 0 and returned nothing"):
        final(tmp_path, methods)


def test_nothing_that_a_process_of_the_task_can_read_names_the_reply(tmp_path: Path) -> None:
    methods = """
    @staticmethod
    def score(t, submission):
        seen = [
            pathlib.Path("/proc/self/cmdline").read_bytes().decode(),
            subprocess.run(["cat", "/proc/self/environ"], capture_output=True, text=True, check=True).stdout,
        ]
        scratch = os.environ.get("TMPDIR")
        return float(not any(".metr-" in text.replace(scratch or "-", "") for text in seen) and [
            str(path) for path in pathlib.Path().iterdir() if path.name.startswith(".metr-")
        ] == ([pathlib.Path(scratch).name] if scratch else []))
    """
    assert final(tmp_path, methods) == 1.0


@pytest.mark.skipif(Path("/home/agent").exists(), reason="this machine has the agent's home")
def test_temporary_files_of_scoring_are_roots_own_and_gone_afterwards(tmp_path: Path) -> None:
    methods = """
    @staticmethod
    def intermediate_score(t):
        folder = tempfile.mkdtemp()
        return {"score": 1, "details": {"folder": folder, "mode": os.stat(tempfile.gettempdir()).st_mode & 0o777}}
    """
    run, sandbox = lifecycle_of(tmp_path, methods)
    entry = run.intermediate_score(0)
    assert entry is not None
    assert Path(entry.details["folder"]).is_relative_to(sandbox.root)
    assert entry.details["mode"] == 0o700
    assert not Path(entry.details["folder"]).exists()


def test_temporary_files_of_teardown_are_roots_own_too(tmp_path: Path) -> None:
    run, sandbox = lifecycle_of(tmp_path, "    def teardown(): pathlib.Path('torn').write_text(tempfile.mkdtemp())\n")
    run.teardown()
    if not Path("/home/agent").exists():
        assert Path((sandbox.root / "torn").read_text()).is_relative_to(sandbox.root)


def test_aggregate_scores_wins_over_score_and_gets_the_whole_log(tmp_path: Path) -> None:
    methods = (
        returning("1 / 0")
        + """
    def intermediate_score(t): return {"score": float("nan"), "message": {"a": 1}, "details": {"b": 2}}
    def aggregate_scores(t, score_log):
        print(json.dumps(score_log))
        return len(score_log) / 4
    """
    )
    run, _ = lifecycle_of(tmp_path, methods, clock=lambda: 1_700_000_000.5)
    run.intermediate_score(1.5)
    found = run.final_score("x")
    assert found.score == 0.25
    assert json.loads(found.output["stdout"]) == [
        {
            "scored_at": "2023-11-14T22:13:20.500Z",
            "elapsed_seconds": 1.5,
            "score": pytest.approx(math.nan, nan_ok=True),
            "message": {"a": 1},
            "details": {"b": 2},
        }
    ]


def test_a_family_without_a_score_method_is_left_to_a_person(tmp_path: Path) -> None:
    run, sandbox = lifecycle_of(tmp_path, "")
    found = run.final_score("x")
    assert (found.score, found.notes) == (None, ("the family has no score method: a person must score",))
    assert sandbox.executions == []


@pytest.mark.parametrize("signature", ["t", "", "self, t", "self", "*args"])
def test_teardown_is_called_with_either_signature(tmp_path: Path, signature: str) -> None:
    run, sandbox = lifecycle_of(tmp_path, f"    def teardown({signature}): pathlib.Path('torn').touch()\n")
    run.teardown()
    assert (sandbox.root / "torn").exists()


def test_teardown_in_a_hurry_is_cut_off(tmp_path: Path) -> None:
    run, _ = lifecycle_of(tmp_path, "    def teardown(): import time; time.sleep(60)\n")
    with pytest.raises(TaskError, match=r"teardown: .*0\.2 s"):
        run.teardown(at_most=0.2)


def test_teardown_that_fails_is_an_error_of_its_own(tmp_path: Path) -> None:
    run, _ = lifecycle_of(tmp_path, "    def teardown(): 1 / 0\n")
    with pytest.raises(TaskError, match="teardown: raised ZeroDivisionError") as caught:
        run.teardown()
    assert caught.value.cause == "task_teardown"


def test_nothing_is_run_for_methods_that_a_family_does_not_have(tmp_path: Path) -> None:
    run, sandbox = lifecycle_of(tmp_path, "")
    run.teardown()
    assert run.intermediate_score(1.0) is None
    assert sandbox.executions == []


def test_a_sandbox_that_fails_is_told_as_such(tmp_path: Path) -> None:
    def gone(execution: Execution) -> ExecResult:
        raise SandboxError("the sandbox is gone")

    run, sandbox = lifecycle_of(tmp_path, returning("1"))
    sandbox.programs[HELPER] = gone
    with pytest.raises(SandboxError, match="gone"):
        run.final_score("")


def test_a_run_cannot_begin_without_its_secrets(tmp_path: Path) -> None:
    sandbox = LocalSandbox(tmp_path)
    with pytest.raises(TaskError, match=r"^riddles\.py: required_environment_variables: no value was given for KEY \("):
        Lifecycle(sandbox, spec(), TaskData(required_environment_variables=("KEY",)), secrets={})


def test_scoring_can_use_processes_of_every_kind(tmp_path: Path) -> None:
    source = (
        HEAD
        + """
    @staticmethod
    def score(t, submission):
        import multiprocessing
        total = 0
        for kind in ("fork", "spawn"):
            with multiprocessing.get_context(kind).Pool(1) as pool:
                total += sum(pool.map(half, [1]))
        return total
"""
    )
    sandbox = sandbox_with(tmp_path, "def half(number):\n    return number / 2\n" + source)
    data = TaskData(has_score=True, required_environment_variables=("KEY",))
    assert Lifecycle(sandbox, spec(), data, secrets=SECRETS).final_score("").score == 1.0
