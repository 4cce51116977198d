"""A session that died is taken up again: nothing is lost, nothing is made twice, and what has changed is told."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.plugin.project import AT_ONCE, Project, Result
from tests.plugin.test_dying import left_behind, wait_for

WORKERS = pytest.mark.parametrize("workers", ["0", "2"])
NAMES = ("one", "two", "three")


@pytest.fixture
def numbers(project: Project) -> Project:
    """Three tasks; the agent passes one, fails two, and sleeps at three as long as there is a file."""
    project.family("numbers", tasks={name: {} for name in NAMES})
    project.agent("answers", {"numbers/one": "1", "numbers/two": "0", "numbers/three": "1"})
    return project


def sleeps(project: Project, task: str, seconds: float) -> None:
    """Let the agent sleep in the sandbox at a task, which changes the agent."""
    file = project.root / "agents" / "answers.json"
    recording = json.loads(file.read_text(encoding="utf-8"))
    recording[task]["actions"] = [{"exec": ["sleep", str(seconds)]}]
    file.write_text(json.dumps(recording), encoding="utf-8")


def again(project: Project, *options: str, agent: str = "answers") -> Result:
    return project.pytest("tasks", f"--agent={agent}", f"--metr-resume={project.out}", *AT_ONCE, *options)


def settled(project: Project) -> Counter[str]:
    """Return by run id how many records say that it has come to its end."""
    return Counter(r["run_id"] for r in project.journal() if r["status"] not in ("infra_error", "not_run"))


def content(folder: Path) -> dict[str, bytes]:
    """Return all that the folder holds, but for the file that its owner is written in."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def kill(project: Project, workers: str, *options: str, running: str) -> None:
    """Kill a session's controller while a run has begun, and see that all its processes end by themselves."""
    command = ("tasks", "--agent=answers", f"--metr-out={project.out}", "-n", workers, *options)
    with project.start(*command) as process:
        wait_for(project.out / "journal.jsonl", '"numbers.one.answers.run1"')
        wait_for(project.out / "transcripts" / f"{running}.jsonl", '"start"')
        process.kill()
        process.wait()
        deadline = time.monotonic() + 20
        while _group(process.pid):
            assert time.monotonic() < deadline, "workers live on without their controller"
            time.sleep(0.1)


def _group(group: int) -> list[int]:
    """Return the living processes of a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, pgrp, *_ = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(pgrp) == group and state != "Z":
            found.append(int(stat.parent.name))
    return found


@WORKERS
def test_what_is_missing_is_made_and_what_is_there_is_kept(numbers: Project, workers: str) -> None:
    sleeps(numbers, "numbers/three", 600)
    kill(numbers, workers, running="numbers.three.answers.run1")
    assert left_behind(numbers) == []
    before = {record["run_id"]: record for record in numbers.journal()}
    result = again(numbers, "-n", workers, "-v", "--metr-time-limit=1", "--metr-resume-anyway")
    assert result.status == 1, result.output
    result.lines("PASSED score 1 (kept)", f"{len(before)} of 3 runs are kept", "resumed: 1 time")
    if "numbers.two.answers.run1" in before:
        result.lines("FAILED score 0 (kept)")
    assert settled(numbers) == dict.fromkeys((f"numbers.{name}.answers.run1" for name in NAMES), 1)
    runs = {run["run_id"]: run for run in numbers.report()["runs"]}
    for run_id, record in before.items():
        assert {key: runs[run_id][key] for key in record if key != "kind"} == {
            key: value for key, value in record.items() if key != "kind"
        }
    three = runs["numbers.three.answers.run1"]
    assert (three["status"], three["transcript"]) == ("limit", "transcripts/numbers.three.answers.run1.try2.jsonl")
    assert [failed["cause"] for failed in three["failed_tries"]] == ["killed"]
    session = numbers.report()["session"]
    assert session["resumed"][0]["changes"] == ["--metr-limit: none -> wall_seconds 1"]
    assert session["resumed"][0]["kept"] == len(before)
    assert any("--metr-limit: none -> wall_seconds 1" in note for note in numbers.report()["notes"])
    assert left_behind(numbers) == []


def test_killed_at_random_moments_every_run_comes_to_one_end(numbers: Project) -> None:
    seed = int(os.environ.get("METR_TEST_SEED", time.time_ns() % 10**6))
    chance = random.Random(seed)
    for name in NAMES:
        sleeps(numbers, f"numbers/{name}", 0.1)
    options = ["--metr-runs=3", "-n", "2"]
    first = ["tasks", "--agent=answers", *options]
    kills = 0
    while kills < 4:
        folder = f"--metr-resume={numbers.out}" if (numbers.out / "plan.json").exists() else f"--metr-out={numbers.out}"
        with numbers.start(*first, folder) as process:
            wait_for(numbers.out / "journal.jsonl", "")
            time.sleep(chance.uniform(0.5, 4))
            workers = [pid for pid in _group(process.pid) if pid != process.pid]
            if workers and chance.random() < 0.5:
                os.kill(chance.choice(workers), signal.SIGKILL)
                time.sleep(chance.uniform(0, 1))
            process.kill()
            process.wait()
        if not (numbers.out / "plan.json").exists():
            for file in numbers.out.rglob("*"):  # nothing was planned yet: there is no session to take up
                file.unlink() if file.is_file() else None
            (numbers.out / "transcripts").rmdir()
        kills += 1
    planned = (numbers.out / "plan.json").exists()
    result = again(numbers, *options) if planned else numbers.run(*options, agent="answers")
    assert result.status == 1, f"seed {seed}:\n{result.output}"
    expected = {f"numbers.{name}.answers.run{run}": 1 for name in NAMES for run in (1, 2, 3)}
    assert settled(numbers) == expected, f"seed {seed}"
    report = numbers.report()
    assert report["coverage"]["finished"] == 9
    assert not any("records" in note for note in report["notes"]), f"seed {seed}: {report['notes']}"
    assert len((numbers.out / "runs.jsonl").read_text(encoding="utf-8").splitlines()) == 9
    assert left_behind(numbers) == []


@WORKERS
def test_a_complete_session_makes_nothing_and_ends_as_before(numbers: Project, workers: str) -> None:
    first = numbers.run("--junitxml=1.xml", agent="answers")
    before = content(numbers.out)
    result = again(numbers, "-n", workers, "--junitxml=2.xml")
    assert (first.status, result.status) == (1, 1), result.output
    result.lines("3 of 3 runs are kept", "1 failed, 2 passed")
    after = content(numbers.out)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed == {"journal.jsonl", "report.json"}
    for number in (1, 2):
        text = (numbers.root / f"{number}.xml").read_text(encoding="utf-8")
        assert 'failures="1"' in text
        assert 'errors="0"' in text


def change_family(project: Project) -> None:
    file = project.root / "tasks" / "numbers" / "numbers.py"
    file.write_text(file.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")


def refused(project: Project, *options: str) -> list[str]:
    """Take a session up that is no longer as it was, and return what the refusal says of each change."""
    before = content(project.out)
    result = again(project, *options)
    assert result.status == 4, result.output
    assert "Traceback" not in result.output
    assert content(project.out) == before
    told = [line for line in result.output.splitlines() if line.startswith("ERROR: ")]
    assert told.pop() == "ERROR: expected all as it was; --metr-resume-anyway goes on all the same"
    return [line.removeprefix(f"ERROR: {project.out}: ") for line in told]


@WORKERS
def test_what_has_changed_is_named_and_nothing_is_made_or_written(numbers: Project, workers: str) -> None:
    numbers.run(agent="answers")
    change_family(numbers)
    sleeps(numbers, "numbers/one", 0)
    told = refused(numbers, "-n", workers, "--metr-runs=2", "-k", "one", "--metr-protocol=autonomy-0.1")
    assert [line.partition(" -> ")[0].partition(": ")[0] for line in told] == [
        "agent answers",
        "runs of each task",
        "protocol",
        "planned runs",
        "files of family numbers",
    ]
    assert told[1:4] == [
        "runs of each task: 1 -> 2",
        "protocol: plain 2 -> autonomy 0.1.1",
        "planned runs: 3 -> 2: 2 gone (numbers.three.answers.run1, numbers.two.answers.run1), "
        "1 new (numbers.one.answers.run2)",
    ]


def test_another_image_of_the_same_files_is_a_change(numbers: Project) -> None:
    numbers.run(agent="answers")
    journal = numbers.out / "journal.jsonl"
    image = numbers.report()["runs"][0]["sandbox"]["image"]
    other = "0" * len(image)
    journal.write_text(journal.read_text(encoding="utf-8").replace(image, other), encoding="utf-8")
    assert refused(numbers) == [f"image of family numbers: {other} -> {image}"]


def test_passing_over_a_change_makes_what_is_missing_and_says_so(numbers: Project) -> None:
    numbers.run(agent="answers")
    change_family(numbers)
    result = again(numbers, "--metr-resume-anyway", "--metr-runs=2")
    assert result.status == 1, result.output
    result.lines("note: resumed at ", "although something had changed")
    report = numbers.report()
    changes = report["session"]["resumed"][0]["changes"]
    assert [change.partition(": ")[0] for change in changes] == [
        "runs of each task",
        "planned runs",
        "files of family numbers",
    ]
    assert report["coverage"]["finished"] == 6
    assert set(settled(numbers).values()) == {1}
    assert report["session"]["runs_per_task"] == 2
    assert any("versions" in note for note in report["notes"])
    assert again(numbers, "--metr-runs=2").status == 4  # the kept runs are still of other files


@pytest.mark.parametrize(
    ("options", "files", "told"),
    [
        (["--metr-resume=nowhere"], {}, "nowhere: --metr-resume: expected the folder of a session, found none"),
        (["--metr-resume=out"], {}, "out: --metr-resume: expected the folder of a session, with a journal.jsonl"),
        (
            ["--metr-resume=out"],
            {"journal.jsonl": "{}"},
            "expected the folder of a session that came to its plan, with a plan.json",
        ),
        (
            ["--metr-resume=out"],
            {"journal.jsonl": "torn", "plan.json": "{}"},
            "journal.jsonl: expected the first line of a session, found none",
        ),
        (
            ["--metr-resume=out"],
            {"journal.jsonl": '{"kind": "session", "versions": {"pytest_metr": "0.0.1"}}', "plan.json": "{}"},
            "out: pytest_metr: 0.0.1 -> ",
        ),
        (
            ["--metr-resume=out"],
            {"journal.jsonl": '{"kind": "session"}', "plan.json": '{"runs": [1]}'},
            "plan.json: expected the plan of a session",
        ),
        (["--metr-resume=out", "--metr-out=other"], {}, "--metr-out: expected none with --metr-resume"),
        (["--metr-resume-anyway"], {}, "--metr-resume-anyway: expected --metr-resume DIR with it"),
    ],
)
def test_mistakes_are_told_in_a_line(numbers: Project, options: list[str], files: dict[str, str], told: str) -> None:
    numbers.out.mkdir()
    for name, text in files.items():
        (numbers.out / name).write_text(text, encoding="utf-8")
    result = numbers.pytest("tasks", "--agent=answers", *options)
    assert result.status == 4, result.output
    result.lines(told)
    assert "Traceback" not in result.output
