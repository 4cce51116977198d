"""The lifecycle of odd families in real sandboxes."""

from __future__ import annotations

import json
import math
import time

import pytest

from pytest_metr.errors import TaskError
from pytest_metr.standard import FULL_INTERNET, list_tasks, read_task_data

from .bench import Bench, lifecycle, spec

SECRETS = {"ODD_LISTING": "a=b c", "ODD_REQUIRED": "--s3cret\n", "ODD_OTHER": "x"}
REACH = """
import urllib.error, urllib.request, time
for _ in range(200):
    try:
        print(urllib.request.urlopen("http://127.0.0.1:8123/", timeout=20).status)
        break
    except urllib.error.URLError:
        time.sleep(0.1)
"""


@pytest.mark.parametrize(
    ("task", "score"), [("close", 0.5), ("forge", 0.25), ("none", None), ("scalar", 0.75), ("true", 1.0)]
)
def test_a_value_comes_back_whatever_the_task_prints(bench: Bench, task: str, score: float | None) -> None:
    with bench.sandbox("odd_values") as sandbox:
        assert lifecycle(sandbox, spec("odd_values", task)).final_score("").score == score


@pytest.mark.parametrize("task", ["nan", "infinity"])
def test_no_valid_score_counts_0_with_a_note(bench: Bench, task: str) -> None:
    with bench.sandbox("odd_values") as sandbox:
        found = lifecycle(sandbox, spec("odd_values", task)).final_score("")
    assert found.score == 0
    assert len(found.notes) == 1


@pytest.mark.parametrize(
    ("task", "message", "code"),
    [
        ("exit", "score: raised SystemExit: 3", "3"),
        ("frame", "score: expected a number or None, found '   a\\n0  1' (Frame)", "0"),
        ("hard_exit", "score: ended with exit code 0 and returned nothing", "0"),
        ("kill", "score: was ended by signal 9 and returned nothing", "-9"),
        ("raise", "score: raised KeyError: 'answer'", "1"),
    ],
)
def test_a_task_that_gives_no_value_is_an_error_of_the_task(bench: Bench, task: str, message: str, code: str) -> None:
    with bench.sandbox("odd_values") as sandbox, pytest.raises(TaskError) as caught:
        lifecycle(sandbox, spec("odd_values", task)).final_score("")
    assert str(caught.value) == f"odd_values.py: {message}"
    assert caught.value.cause == "task_score"
    assert caught.value.evidence["exit_code"] == code


def test_a_family_with_nothing_but_tasks_is_run_and_left_to_a_person(bench: Bench) -> None:
    assert bench.names("odd-minimal") == ("a", "b / é")
    with bench.sandbox("odd-minimal") as sandbox:
        run = lifecycle(sandbox, spec("odd-minimal", "b / é"))
        run.start()
        assert run.intermediate_score(0) is None
        assert run.final_score("x").score is None
        run.teardown()


def test_an_unknown_task_lists_the_names_there_are(bench: Bench) -> None:
    with bench.sandbox("odd-minimal") as sandbox, pytest.raises(TaskError, match="it has: 'a', 'b / é'") as caught:
        read_task_data(sandbox, spec("odd-minimal", "c"), secrets={})
    assert caught.value.cause == "unknown_task"


def test_secrets_reach_whom_they_are_for_and_nobody_else(bench: Bench) -> None:
    task = spec("odd_secrets")
    with bench.sandbox("odd_secrets", SECRETS) as sandbox:
        assert list_tasks(sandbox, "odd_secrets", secrets={}) == ()
        assert list_tasks(sandbox, "odd_secrets", secrets=SECRETS) == ("main",)
        run = lifecycle(sandbox, task, SECRETS)
        run.start()
        assert json.loads(sandbox.read_file("/root/install.json")) == SECRETS
        assert json.loads(sandbox.read_file("/root/start.json")) == {"ODD_REQUIRED": "--s3cret\n"}
        seen = sandbox.exec(["bash", "-c", "env; cat /proc/*/environ /root/*.json 2>/dev/null"]).out
        assert "s3cret" not in seen
        assert "ODD_" not in seen
        assert run.final_score("--s3cret\n\0\r\n--x \u2028").score == 1


def test_instructions_and_a_missing_secret_are_read(bench: Bench) -> None:
    task = spec("odd_secrets")
    with bench.sandbox("odd_secrets", SECRETS) as sandbox:
        data = read_task_data(sandbox, task, secrets=SECRETS)
        assert data.instructions == "Find\r\nthe secrets. é"
        assert FULL_INTERNET not in data.permissions
        with pytest.raises(TaskError, match="no value was given for ODD_REQUIRED") as caught:
            read_task_data(sandbox, task, secrets={"ODD_LISTING": "a=b c"})
    assert caught.value.cause == "missing_secret"


def test_the_agent_is_given_its_home_and_links_are_not_followed(bench: Bench) -> None:
    with bench.sandbox("odd_home") as sandbox:
        run = lifecycle(sandbox, spec("odd_home"))
        run.start()
        assert run.outputs["chown"] == {"stdout": "", "stderr": "", "exit_code": "0"}
        changed = sandbox.exec(["bash", "-c", "echo more >> work/deep/file && rm link loop fifo .ssh/id && ls -A"])
        assert (changed.exit_code, changed.err) == (0, "")
        assert {".cache", ".hidden", ".ssh", "work"} <= set(changed.out.split())
        assert sandbox.read_file("/root/odd_home.py")
        run.teardown()
        assert sandbox.read_file("/root/torn") == b""


def test_a_family_is_built_by_requirements_steps_and_install(bench: Bench) -> None:
    with bench.sandbox("odd_build") as sandbox:
        assert lifecycle(sandbox, spec("odd_build")).final_score("").score == 1
        imported = sandbox.exec(["python", "-c", "import metr_task_standard.types as t; print(t.VMSpec.__name__)"])
        assert imported.out == "VMSpec\n"


def test_the_log_is_kept_and_scored(bench: Bench) -> None:
    with bench.sandbox("odd_log") as sandbox:
        run = lifecycle(sandbox, spec("odd_log"))
        first = run.intermediate_score(0)
        sandbox.write_file("/home/agent/guess", b"0.5", user="agent")
        second = run.intermediate_score(0)
        assert first is not None
        assert second is not None
        assert math.isnan(first.score)
        assert second.score == 0.5
        assert first.elapsed_seconds < second.elapsed_seconds
        found = run.final_score("")
        assert found.score == 0.5
        log = json.loads(found.output["stdout"])
        assert [entry["elapsed_seconds"] for entry in log] == [first.elapsed_seconds, second.elapsed_seconds]
        left = sandbox.exec(["bash", "-c", "ls -A /root | grep '^.metr-'"], user="root")
        assert left.out == ""


def test_what_start_leaves_running_serves_the_agent_and_late_writes_do_not_happen(bench: Bench) -> None:
    with bench.sandbox("odd_processes") as sandbox:
        run = lifecycle(sandbox, spec("odd_processes"), score=2)
        run.start()
        assert sandbox.exec(["python", "-c", REACH], timeout=120).out == "200\n"
        with pytest.raises(TaskError, match="score: timed out after 2 s") as caught:
            run.final_score("")
        assert caught.value.evidence["exit_code"] == "timed out"
        time.sleep(4)
        with pytest.raises(FileNotFoundError):
            sandbox.read_file("/root/late")
