"""What becomes of an attempt, in the terminal, in the exit status and in the records."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from tests.plugin.project import NUMBERS, Project, statuses

WORKERS = pytest.mark.parametrize("workers", ["0", "2"])

MIXED = """
class TaskFamily:
    @staticmethod
    def get_tasks():
        return {n: {"name": n} for n in ["good", "half", "person", "stuck", "wrong"]}

    @staticmethod
    def get_instructions(t):
        return "Submit a number."

    @staticmethod
    def start(t):
        print("about to start")
        if t["name"] == "stuck":
            raise RuntimeError("the well is dry")

    @staticmethod
    def score(t, submission):
        if t["name"] == "wrong":
            raise ValueError("a scorer that fails")
        return None if t["name"] == "person" else float(submission)
"""
TASKS = ("good", "half", "person", "stuck", "wrong")


@pytest.fixture
def mixed(project: Project) -> Project:
    """A repository in which every outcome happens once."""
    minutes = {"good": 3, "half": 30, "person": 3, "stuck": 3, "wrong": 100}
    tasks = {name: {"meta": {"human_minutes": minutes[name]}} for name in TASKS}
    project.family("mixed", MIXED, tasks=tasks)
    submissions = {"good": "1", "half": "0.5", "person": "?", "stuck": "1", "wrong": "1"}
    project.agent("mixed", {f"mixed/{name}": text for name, text in submissions.items()})
    return project


@WORKERS
def test_every_outcome(mixed: Project, workers: str) -> None:
    result = mixed.run("-v", "-n", workers, "--junitxml=junit.xml", agent="mixed")
    assert result.status == 1
    result.lines("1 failed, 1 passed, 1 skipped, 2 errors", "score 0.5, not above 0.9", "needs a score")
    result.lines("the well is dry", "a scorer that fails", "overall score 0.75")
    assert "Traceback (most recent call last)\n  File" not in result.output.replace("the well is dry", "")
    runs = {nodeid.split("::")[1]: run for nodeid, run in mixed.runs().items()}
    got = {name: (runs[f"{name}[run1]"]["status"], runs[f"{name}[run1]"]["score"]) for name in TASKS}
    assert got == {
        "good": ("scored", 1.0),
        "half": ("scored", 0.5),
        "person": ("needs_score", None),
        "stuck": ("infra_error", None),
        "wrong": ("infra_error", None),
    }
    # Nothing is lost: what the agent handed in, and what the task said, stay on record.
    assert runs["wrong[run1]"]["submission"] == "1"
    assert runs["wrong[run1]"]["failure"]["cause"] == "task_score"
    assert "a scorer that fails" in runs["wrong[run1]"]["failure"]["evidence"]["stderr"]
    assert "about to start" in runs["stuck[run1]"]["failure"]["evidence"]["stdout"]
    coverage = mixed.report()["coverage"]
    assert (coverage["planned"], coverage["finished"], coverage["infra_error"]) == (5, 2, 2)
    cases = ET.parse(mixed.root / "junit.xml").getroot().findall(".//testcase")
    assert len(cases) == 5
    properties = {p.get("name"): p.get("value") for case in cases for p in case.findall(".//property")}
    assert "metr_score" in properties


def test_the_same_with_and_without_workers(mixed: Project) -> None:
    mixed.run("-n", "0", agent="mixed")
    alone = mixed.report()
    mixed.out = mixed.root / "out2"
    mixed.run("-n", "2", agent="mixed")
    together = mixed.report()
    key = "runs"
    assert statuses({r["nodeid"]: r for r in alone[key]}) == statuses({r["nodeid"]: r for r in together[key]})
    assert alone["agents"] == together["agents"]
    assert [r["nodeid"] for r in alone[key]] == [r["nodeid"] for r in together[key]]


@pytest.mark.parametrize("dist", ["load", "loadfile", "loadscope", "loadgroup", "worksteal"])
def test_every_way_to_distribute_but_each(project: Project, dist: str) -> None:
    project.family("numbers", tasks={"one": {}, "two": {}, "three": {}})
    result = project.run("-n", "2", f"--dist={dist}")
    assert result.status == 1, result.output
    assert [r["status"] for r in project.report()["runs"]] == ["scored"] * 3


def test_partial_scores_are_shown_in_verbose_output(mixed: Project) -> None:
    result = mixed.run("-v", "-k", "half or good", agent="mixed")
    result.lines("half[run1] FAILED score 0.5", "good[run1] PASSED score 1")


def test_the_threshold_of_the_manifest_decides(project: Project) -> None:
    project.family("numbers", tasks={"one": {"meta": {"success_threshold": 0.4}}, "two": {}})
    project.agent("half", {"numbers/one": "0.5", "numbers/two": "0.9"})
    result = project.run(agent="half")
    result.lines("1 failed, 1 passed")
    assert [(r["run_id"], r["success"]) for r in project.report()["runs"]] == [
        ("numbers.one.half.run1", True),
        ("numbers.two.half.run1", False),  # strictly above 0.9, as METR binarises
    ]


def test_last_failed_stepwise_and_exitfirst(mixed: Project) -> None:
    with_cache = ("-o", "addopts=-p no:hypothesispytest", "-k", "good or half")
    assert mixed.run(*with_cache, agent="mixed").status == 1
    mixed.out = mixed.root / "lf"
    result = mixed.run(*with_cache, "--lf", agent="mixed")
    result.lines("run-last-failure: rerun previous 1 failure", "half[run1]")
    assert "1 passed" not in result.output
    mixed.out = mixed.root / "sw"
    mixed.run(*with_cache, "--sw", agent="mixed").lines("1 failed, 1 passed")
    mixed.out = mixed.root / "x"
    result = mixed.run("-x", agent="mixed")
    assert result.status == 1
    not_run = [r for r in mixed.report()["runs"] if r["status"] == "not_run"]
    assert len(not_run) == 3
    assert "stopping after 1 failures" in not_run[0]["failure"]["message"]


@pytest.mark.parametrize("flags", [("-p", "no:xdist"), ("-p", "no:terminal"), ("-q", "-q")])
def test_without_plugins_that_others_switch_off(project: Project, flags: tuple[str, ...]) -> None:
    project.family("numbers", tasks={"one": {}})
    assert project.run(*flags).status == 1
    assert project.report()["runs"][0]["status"] == "scored"


def test_one_broken_family_does_not_stop_the_others(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    project.family("broken", "class TaskFamily:\n    def\n", tasks={"one": {}})
    project.agent("answers", {"numbers/one": "1"})
    for workers in ("0", "2"):
        result = project.run("-n", workers, agent="answers")
        assert result.status == 1
        result.lines("1 passed, 1 error", "broken.py", "line 2")
        families = project.report()["broken_families"]
        assert len(families) == 1
        assert "broken.py" in families[0]["message"]
        project.out = project.root / "again"
    listed = project.pytest("tasks", "--collect-only", "-q")
    assert listed.status != 0
    listed.lines("broken.py", "line 2")


def test_a_failing_teardown_is_an_error_that_keeps_the_score(project: Project) -> None:
    teardown = '\n    @staticmethod\n    def teardown():\n        raise RuntimeError("the tap drips")\n'
    project.family("numbers", NUMBERS + teardown, tasks={"one": {}})
    project.agent("answers", {"numbers/one": "1"})
    result = project.run(agent="answers")
    result.lines("1 passed, 1 error", "the tap drips")
    assert project.report()["runs"][0]["score"] == 1.0
    assert "the tap drips" in " ".join(project.report()["notes"])


def test_a_weights_hook_in_a_conftest_replaces_the_weighting(project: Project) -> None:
    project.family("numbers", tasks={"one": {}, "two": {}})
    project.agent("answers", {"numbers/one": "1", "numbers/two": "0"})
    hook = (
        "def pytest_metr_task_weights(runs):\n    return [3.0 if r.task_id == 'numbers/one' else 1.0 for r in runs]\n"
    )
    (project.root / "conftest.py").write_text(hook, encoding="utf-8")
    project.run("-n", "2", agent="answers").lines("overall score 0.75")
    assert [run["weight"] for run in project.report()["runs"]] == [0.75, 0.25]


def test_a_weights_hook_that_gives_no_weights_is_a_mistake_that_is_told(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    project.agent("answers", {"numbers/one": "1"})
    (project.root / "conftest.py").write_text(
        "def pytest_metr_task_weights(runs):\n    return [-1]\n", encoding="utf-8"
    )
    result = project.run(agent="answers")
    assert result.status == 4
    result.lines("1 passed", "no overall score: pytest_metr_task_weights: expected finite numbers of 0 or")


CANARY = "shelf canary GUID 0f7c"
SHELF = f"""
from pathlib import Path

class TaskFamily:
    @staticmethod
    def get_tasks():
        return {{name: {{"name": name}} for name in ["reads", "looks_away", "unmarked"]}}

    @staticmethod
    def get_instructions(t):
        return "Say what is on the shelf. {CANARY}"

    @staticmethod
    def start(t):
        Path("/home/agent/shelf.txt").write_text("a jar; {CANARY}")
        print("{CANARY}")

    @staticmethod
    def score(t, submission):
        print("{CANARY}")
        return float(submission == "a jar")
"""


@WORKERS
def test_a_canary_that_the_agent_came_upon_is_on_record(project: Project, workers: str) -> None:
    marked = {"meta": {"canary": CANARY}}
    project.family("shelf", SHELF, tasks={"reads": marked, "looks_away": marked, "unmarked": {}})
    project.agent("reader", dict.fromkeys(["shelf/reads", "shelf/looks_away", "shelf/unmarked"], "a jar"))
    recordings = project.root / "agents" / "reader.json"
    document = json.loads(recordings.read_text(encoding="utf-8"))
    for task in ("shelf/reads", "shelf/unmarked"):
        document[task]["actions"] = [{"exec": ["cat", "/home/agent/shelf.txt"]}]
    recordings.write_text(json.dumps(document), encoding="utf-8")
    project.run("-n", workers, agent="reader").lines("3 passed")
    found = {run["task_id"]: run["canary_found"] for run in project.report()["runs"]}
    assert found == {"shelf/reads": True, "shelf/looks_away": False, "shelf/unmarked": None}


def test_a_session_with_nothing_to_run_leaves_nothing(project: Project) -> None:
    (project.root / "test_ordinary.py").write_text("def test_it():\n    pass\n", encoding="utf-8")
    assert project.pytest("--agent=noop").status == 0
    assert not (project.root / "metr-runs").exists()
    project.out.mkdir()
    assert project.pytest("--agent=noop", f"--metr-out={project.out}", "-n", "2").status == 0
    assert list(project.out.iterdir()) == []
