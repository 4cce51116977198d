"""Bad input: one clear line that names file, key and expectation, the right exit status, never a traceback."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys

import pytest

from pytest_metr.sandbox.bubblewrap.binary import Bwrap, find_bwrap
from tests.plugin.project import NUMBERS, Project, Result

#: What is wrong with the family "broken" (files to write, None to leave out), and what the message must hold.
FAMILIES: dict[str, tuple[dict[str, str | None], tuple[str, ...]]] = {
    "malformed manifest": ({"manifest.yaml": "tasks: [\n"}, ("manifest.yaml",)),
    "empty manifest": ({"manifest.yaml": ""}, ("manifest.yaml", "expected")),
    "unknown key": (
        {"manifest.yaml": "tasks:\n  one:\n    scorring: {}\n"},
        ("manifest.yaml", "tasks.one", "scorring"),
    ),
    "bad minutes": (
        {"manifest.yaml": "tasks:\n  one:\n    meta: {human_minutes: soon}\n"},
        ("manifest.yaml", "tasks.one.meta.human_minutes", "expected", "soon"),
    ),
    "no TaskFamily": ({"broken.py": "x = 1\n", "manifest.yaml": "tasks: {one: {}}\n"}, ("broken.py", "TaskFamily")),
    "syntax error": ({"broken.py": "class TaskFamily:\n  def\n"}, ("broken.py", "line 2")),
    "missing file": ({"broken.py": None, "manifest.yaml": "tasks: {one: {}}\n"}, ("broken.py",)),
    "raises": ({"broken.py": NUMBERS.replace("return {", "raise KeyError('gone'); {")}, ("get_tasks", "gone")),
    "returns a list": ({"broken.py": NUMBERS.replace("return {", "return []; {")}, ("get_tasks", "list")),
    "no tasks": ({"broken.py": NUMBERS.replace("return {", "return {}; {")}, ("get_tasks", "at least one task")),
}


@pytest.mark.parametrize("case", FAMILIES)
def test_a_broken_family_is_one_error_and_the_others_run(project: Project, case: str) -> None:
    files, wanted = FAMILIES[case]
    project.family("numbers", tasks={"one": {}})
    broken = project.family("broken")
    for name, text in files.items():
        (broken / name).unlink(missing_ok=True)
        if text is not None:
            (broken / name).write_text(text, encoding="utf-8")
    project.agent("answers", {"numbers/one": "1"})
    result = project.run(agent="answers")
    assert result.status == 1
    result.lines("1 passed, 1 error", *wanted)
    clean(result)


def clean(result: Result) -> None:
    """Assert that no traceback of ours is shown."""
    assert "pytest_metr/" not in result.output, result.output
    assert "/opt/metr" not in result.output, result.output
    assert "INTERNALERROR" not in result.output, result.output


def test_get_tasks_that_prints_50_mb_does_no_harm(project: Project) -> None:
    noisy = NUMBERS.replace("return {", "print('x' * 50_000_000); return {")
    project.family("numbers", noisy)
    result = project.pytest("tasks", "--collect-only", "-q")
    assert len(result.collected()) == 3
    assert len(result.output) < 10_000


@pytest.mark.parametrize("workers", ["0", "2"])
def test_an_unknown_agent_lists_those_there_are(project: Project, workers: str) -> None:
    project.family("numbers", tasks={"one": {}})
    project.agent("answers", {})
    result = project.run("-n", workers, agent="answer")
    assert result.status == 4
    result.lines("answers", "noop", "oracle")
    clean(result)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_no_agent_is_a_usage_error(project: Project, workers: str) -> None:
    project.family("numbers", tasks={"one": {}})
    result = project.pytest("tasks", "-n", workers)
    assert result.status == 4
    result.lines("ERROR: --agent: task families need an agent under test; there are: human, noop, oracle")
    clean(result)
    assert not (project.root / "metr-runs").exists()


@pytest.mark.parametrize(
    ("option", "wanted"),
    [
        ("--metr-runs=0", "--metr-runs: expected a whole number of at least 1, found '0'"),
        ("--metr-runs=x", "--metr-runs: expected a whole number of at least 1, found 'x'"),
        ("--metr-time-limit=-1", "--metr-time-limit: expected a number of seconds above 0, found '-1'"),
        ("--metr-time-limit=nan", "--metr-time-limit: expected a number of seconds above 0, found 'nan'"),
        ("--sandbox=none", "invalid choice: 'none'"),
        ("--metr-env-file=missing.env", "missing.env: --metr-env-file: cannot be read"),
        ("--metr-env-file=bad.env", "bad.env: line 2: expected NAME=value"),
        ("--metr-out=tasks", "tasks: --metr-out: holds files already; expected a new or empty folder"),
        ("--metr-out=", "--metr-out: expected a path, found the empty text"),
        ("--metr-out=file", "file: --metr-out: cannot be written"),
        ("--metr-out=used", "used: --metr-out: holds a session already; expected a new or empty folder"),
        ("--dist=each", "--dist=each: every worker would make the same run"),
    ],
)
def test_options_that_make_no_sense(project: Project, option: str, wanted: str) -> None:
    project.family("numbers", tasks={"one": {}})
    (project.root / "bad.env").write_text("GOOD=1\nnot an assignment\n", encoding="utf-8")
    (project.root / "file").write_text("", encoding="utf-8")
    (project.root / "used").mkdir()
    (project.root / "used" / "journal.jsonl").write_text("", encoding="utf-8")
    more = ("-n", "2") if "dist" in option else ()
    result = project.pytest("tasks", "--agent=noop", option, *more)
    assert result.status == 4
    result.lines(wanted)
    clean(result)


def test_an_unknown_agent_kind_and_key(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    (project.root / "agents").mkdir()
    for text, wanted in (("kind: wizard\n", "wizard"), ("kind: noop\nspeed: 3\n", "speed"), ("kind: [\n", "a.yaml")):
        (project.root / "agents" / "a.yaml").write_text(text, encoding="utf-8")
        result = project.run(agent="a")
        assert result.status == 4
        result.lines("a.yaml", wanted)
        clean(result)


def test_a_missing_secret_is_an_error_that_names_it_before_the_run_starts(project: Project) -> None:
    project.family("numbers", NUMBERS + '\n    required_environment_variables = ["LOCK_CODE"]\n', tasks={"one": {}})
    result = project.run()
    assert result.status == 1
    result.lines("1 error", "LOCK_CODE")
    assert project.report()["runs"][0]["failure"]["cause"] == "missing_secret"
    assert project.report()["runs"][0]["durations"].get("agent") is None


def test_secrets_reach_the_task_and_no_file(project: Project) -> None:
    secret = "open-sesame-4711"
    start = f"""
    required_environment_variables = ["LOCK_CODE"]

    @staticmethod
    def start(t):
        import os
        assert os.environ["LOCK_CODE"] == "{secret}"
        assert "UNUSED" not in os.environ
        print(os.environ)
        assert t["name"] != "two"
"""
    project.family("numbers", NUMBERS + start, tasks={"one": {}, "two": {}})
    (project.root / "secrets.env").write_text(f'LOCK_CODE="{secret}"\nUNUSED=other\n', encoding="utf-8")
    project.agent("answers", {"numbers/one": "1"})
    result = project.run("--metr-env-file=secrets.env", "--junitxml=out/junit.xml", agent="answers")
    result.lines("1 passed, 1 error", "[secret LOCK_CODE]")
    assert secret not in result.output
    written = {p.name: p.read_bytes() for p in project.out.rglob("*") if p.is_file()}
    assert {name for name, data in written.items() if b"[secret LOCK_CODE]" in data} >= {"junit.xml", "journal.jsonl"}
    assert [name for name, data in written.items() if secret.encode() in data] == []


def test_two_families_of_one_name(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    project.family("numbers", tasks={"one": {}}, folder="more")
    result = project.pytest("tasks", "more", "--collect-only")
    assert result.status == 4
    result.lines("two families are named 'numbers'")
    for workers in ("0", "2"):
        result = project.pytest("tasks", "more", "--agent=noop", "-n", workers)
        assert result.status == 4, result.output
        result.lines("two families are named 'numbers'")
        clean(result)


def test_a_symlink_loop_in_a_family(project: Project) -> None:
    family = project.family("numbers", tasks={"one": {}})
    (family / "loop").symlink_to(".")
    (family / "itself").symlink_to("itself")
    result = project.pytest("tasks", "--collect-only", "-q", timeout=60)
    clean(result)
    result.lines("expected no symbolic link")
    assert result.collected() == []


def test_an_unknown_task(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    result = project.pytest("tasks/numbers/numbers.py::missing", "--agent=noop")
    assert result.status == 4
    result.lines("not found", "missing", "whose tasks are: one")


def test_a_task_of_the_manifest_that_get_tasks_does_not_have(project: Project) -> None:
    project.family("numbers", tasks={"eleven": {}})
    result = project.run()
    assert result.status == 1
    result.lines("eleven", "it has: 'one', 'three', 'two'")
    clean(result)


def test_reruns_are_refused(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    plugin = "def pytest_addoption(parser):\n    parser.addoption('--reruns', type=int, default=0)\n"
    (project.root / "rerunner.py").write_text(plugin, encoding="utf-8")
    project.environment["PYTHONPATH"] = str(project.root)
    result = project.run("-p", "rerunner", "--reruns=2")
    assert result.status == 4
    result.lines("--reruns: a run repeated until it passes is no measurement")


def in_bubblewrap(project: Project, *options: str) -> Result:
    """Run pytest in a container of its own, which can be smaller than this machine."""
    bwrap = find_bwrap()
    assert isinstance(bwrap, Bwrap), bwrap
    inside = shlex.join(project.command("tasks", "--agent=noop", f"--metr-out={project.out}"))
    shown = f"{inside}; status=$?; cat {project.out}/journal.jsonl; exit $status"
    done = subprocess.run(
        [str(bwrap.path), "--dev-bind", "/", "/", *options, "--chdir", str(project.root), "/bin/sh", "-c", shown],
        env={**os.environ, **project.environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return Result(done.returncode, done.stdout + done.stderr)


def test_a_full_disk_loses_nothing_that_was_written(project: Project) -> None:
    project.family("numbers", NUMBERS.replace('print("scoring", t["name"])', 'print("x" * 60_000)'))
    result = in_bubblewrap(project, "--size", "150000", "--tmpfs", str(project.out))
    assert result.status in (1, 2, 3)
    result.lines("No space left on device")
    journal = [json.loads(line) for line in result.output.splitlines() if line.startswith('{"kind"')]
    assert journal[0]["kind"] == "session"
    # Each run that is shown as finished is there, whole; what did not fit left no half line.
    shown = re.search(r"(\d+) failed", result.output)
    scored = [line for line in journal if line["kind"] == "run" and line["status"] == "scored"]
    assert len(scored) == int(shown.group(1) if shown else 0) > 0
    clean(result)


def test_no_sandbox_to_be_had_is_one_usage_error_with_cause_and_remedy(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    result = in_bubblewrap(project, "--unshare-user", "--disable-userns", "--proc", "/proc")
    assert result.status == 4, result.output
    result.lines("--sandbox=bubblewrap: no sandbox can be made here: bubblewrap:", "remedy:", "user namespaces")
    clean(result)


def test_doctor_shows_what_works_and_what_each_family_needs(project: Project) -> None:
    gpu = {"count_range": [1, 1], "model": "h100"}
    project.family("numbers", tasks={"one": {}, "two": {"resources": {"gpu": gpu}}})
    project.family("letters", tasks={"a": {}})
    (project.root / "tasks" / "letters" / "manifest.yaml").write_text("tasks: [", encoding="utf-8")
    project.family("plain", tasks={"one": {}})
    command = [sys.executable, "-m", "pytest_metr", "doctor"]
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, timeout=60, check=False)
    result = Result(done.returncode, done.stdout + done.stderr)
    assert result.status == 1  # not every family can run
    result.lines("works  bubblewrap", "runs   plain: 1 task", "cannot numbers: 2 tasks", "GPU", "broken letters")
    assert "Traceback" not in result.output
