"""What other plugins, conftest files and ordinary tests do beside the families."""

from __future__ import annotations

import json

import pytest

from tests.plugin.project import NUMBERS, Project

SKIPS = """
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        if item.name.startswith("two["):
            item.add_marker(pytest.mark.skip(reason="no time"))

@pytest.fixture(autouse=True)
def key(request):
    if request.node.name.startswith("three["):
        pytest.skip("needs a key")
"""
FAILS = """
import pytest

@pytest.fixture(autouse=True)
def database():
    raise OSError("the database is down")
"""
CLASHES = """
import pytest

class Cheat:
    def run(self, workspace):
        return "1"

@pytest.fixture
def agent():
    return Cheat()

@pytest.fixture
def sandbox():
    return None

@pytest.fixture
def task():
    return "mine"
"""


@pytest.fixture
def numbers(project: Project) -> Project:
    """A repository with a family of three tasks and an agent that solves them."""
    project.family("numbers", tasks={"one": {}, "two": {}, "three": {}})
    project.agent("answers", {f"numbers/{name}": "1" for name in ("one", "two", "three")})
    return project


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_skipped_run_is_not_run_for_that_reason_and_the_others_go_on(numbers: Project, workers: str) -> None:
    (numbers.root / "conftest.py").write_text(SKIPS, encoding="utf-8")
    result = numbers.run("-n", workers, agent="answers")
    assert result.status == 0, result.output
    result.lines("1 passed, 2 skipped", "2 not run (skipped 2)")
    runs = {nodeid.split("::")[1]: run for nodeid, run in numbers.runs().items()}
    assert runs["two[run1]"]["failure"]["message"] == "no time"
    assert runs["three[run1]"]["failure"]["message"] == "needs a key"


def test_somebody_elses_failing_fixture_is_an_infrastructure_error(numbers: Project) -> None:
    (numbers.root / "conftest.py").write_text(FAILS, encoding="utf-8")
    assert numbers.run("-k", "one", agent="answers").status == 1
    run = numbers.report()["runs"][0]
    assert (run["status"], run["failure"]["cause"]) == ("infra_error", "setup")
    assert "the database is down" in run["failure"]["message"]


def test_a_fixture_of_the_same_name_does_not_replace_the_agent_under_test(numbers: Project) -> None:
    (numbers.root / "conftest.py").write_text(CLASHES, encoding="utf-8")
    result = numbers.run("-k", "one", agent="noop")
    assert result.status == 1
    result.lines("1 failed", "score 0, not above 0.9")


@pytest.mark.parametrize("workers", ["0", "2"])
def test_without_an_agent_ordinary_tests_run_as_before(numbers: Project, workers: str) -> None:
    (numbers.root / "test_ordinary.py").write_text("def test_it():\n    pass\n", encoding="utf-8")
    result = numbers.pytest("-n", workers)
    assert result.status == 0, result.output
    result.lines("1 passed")


def test_marks_are_strict_where_there_are_no_families(project: Project) -> None:
    source = "import pytest\n\n@pytest.mark.gpu\ndef test_it():\n    pass\n"
    (project.root / "test_ordinary.py").write_text(source, encoding="utf-8")
    result = project.pytest()
    assert result.status == 2
    result.lines("'gpu' not found in `markers`")


@pytest.mark.parametrize("option", ["--help", "--markers", "--version", "--fixtures"])
def test_asking_pytest_something_makes_no_session(numbers: Project, option: str) -> None:
    numbers.pytest("tasks", "--agent=noop", option)
    assert not (numbers.root / "metr-runs").exists()


def test_below_a_family_nothing_is_collected(numbers: Project) -> None:
    inside = numbers.root / "tasks" / "numbers" / "tests"
    inside.mkdir()
    (inside / "test_more.py").write_text("raise SystemExit('imported')\n", encoding="utf-8")
    (numbers.root / "pytest.ini").unlink()
    result = numbers.pytest("--collect-only", "-q", f"--rootdir={inside}", str(inside))
    assert "imported" not in result.output
    assert result.collected() == []


def test_a_run_that_is_collected_twice_is_refused(numbers: Project) -> None:
    (numbers.root / "link").symlink_to("tasks")
    for workers in ("0", "2"):
        result = numbers.pytest("link/numbers", "tasks/numbers", "--agent=noop", "-n", workers)
        assert result.status == 4, result.output
        result.lines("one run is collected twice, as link/numbers/numbers.py::one[run1] and")


def test_two_families_of_a_name_are_fine_where_one_is_selected(numbers: Project) -> None:
    numbers.family("numbers", tasks={"one": {}}, folder="more")
    for workers in ("0", "2"):
        numbers.out = numbers.root / f"out{workers}"
        result = numbers.run("more", "-k", "more and one", "-n", workers)
        assert result.status == 1, result.output
        result.lines("1 failed")


def test_one_task_of_a_broken_family_can_be_asked_for_beside_another(numbers: Project) -> None:
    numbers.family("broken", "class TaskFamily(:\n", tasks={"z": {}})
    nodes = ("tasks/broken/broken.py::z", "tasks/numbers/numbers.py::one")
    result = numbers.pytest(*nodes, "--agent=answers", f"--metr-out={numbers.out}")
    assert result.status == 1
    result.lines("1 passed, 1 error", "broken.py")


def test_exitfirst_stops_soon_with_workers_too(project: Project) -> None:
    project.family("many", tasks={f"t{n:02}": {} for n in range(30)})
    result = project.run("-x", "-n", "2")
    assert result.status == 2, result.output
    made = [run for run in project.report()["runs"] if run["status"] != "not_run"]
    assert len(made) <= 6


def test_a_hook_that_raises_costs_no_report(numbers: Project) -> None:
    hook = "def pytest_metr_task_weights(runs):\n    return 1 / 0\n"
    (numbers.root / "conftest.py").write_text(hook, encoding="utf-8")
    result = numbers.run(agent="answers")
    assert result.status == 4
    result.lines("3 passed", "the hook failed: ZeroDivisionError")
    assert len(numbers.report()["runs"]) == 3


def test_sessions_that_begin_in_the_same_second_get_folders_of_their_own(numbers: Project) -> None:
    with (
        numbers.start("tasks", "--agent=noop", "-k", "one") as first,
        numbers.start("tasks", "--agent=noop", "-k", "one") as second,
    ):
        outputs = [process.communicate(timeout=120)[0] for process in (first, second)]
    assert [first.returncode, second.returncode] == [1, 1], outputs
    assert len(list((numbers.root / "metr-runs").iterdir())) == 2


def test_escape_sequences_do_not_reach_the_terminal(project: Project) -> None:
    noisy = NUMBERS.replace('print("scoring", t["name"])', 'raise ValueError("\\x1b]0;owned\\x07\\x1b[2J")')
    project.family("numbers", noisy, tasks={"one": {}})
    result = project.run()
    assert "\x1b" not in result.output
    assert "\x07" not in result.output
    result.lines(r"\x1b]0;owned\x07")


def test_a_huge_submission_is_kept_beside_the_records(numbers: Project) -> None:
    text = "1" + " " * 300_000
    numbers.agent("long", {"numbers/one": text})
    assert numbers.run("-k", "one", agent="long").status == 0
    run = numbers.report()["runs"][0]
    assert len(run["submission"]) < 70_000
    assert (numbers.out / "submissions" / f"{run['run_id']}.txt").read_text(encoding="utf-8") == text
    assert "300001 bytes" in run["notes"][0]
    assert (numbers.out / "journal.jsonl").stat().st_size < 200_000


SPOILED = """
class TaskFamily:
    @staticmethod
    def get_tasks():
        return {"one": {}}

    @staticmethod
    def get_instructions(t):
        return "Write a number to /home/agent/metric."

    @staticmethod
    def start(t):
        with open("/home/agent/metric", "w") as file:
            file.write("0")

    @staticmethod
    def intermediate_score(t):
        return {"score": float(open("/home/agent/metric").read())}

    @staticmethod
    def score(t, submission):
        return 1.0
"""


def test_an_agent_gains_nothing_by_spoiling_the_last_intermediate_score(project: Project) -> None:
    project.family("spoiled", SPOILED, tasks={"one": {}})
    project.agent("spoiler", {"spoiled/one": ""}, limits={"wall_seconds": 2})
    actions = [{"exec": "echo junk > /home/agent/metric; sleep 60"}]
    recording = json.dumps({"spoiled/one": {"actions": actions, "submission": ""}})
    (project.root / "agents" / "spoiler.json").write_text(recording, encoding="utf-8")
    project.run(agent="spoiler")
    run = project.report()["runs"][0]
    assert (run["status"], run["score"]) == ("limit", 0.0)
    assert any("the last intermediate score failed" in note for note in run["notes"])


def test_what_the_agent_left_running_is_ended_where_the_manifest_says_so(project: Project) -> None:
    reading = "import time; time.sleep(3); submission = open('/home/agent/m').read()"
    source = NUMBERS.replace("        try:", f"        {reading}\n        try:")
    project.family("numbers", source, tasks={"one": {"meta": {"end_agent_processes": True}}, "two": {}})
    late = [{"exec": "echo 0.25 > m; (sleep 1; echo 0.75 > m) > /dev/null 2>&1 &"}]
    project.agent("late", {})
    recording = {f"numbers/{name}": {"actions": late, "submission": ""} for name in ("one", "two")}
    (project.root / "agents" / "late.json").write_text(json.dumps(recording), encoding="utf-8")
    project.run("-n", "2", agent="late")
    assert {run["task_id"]: run["score"] for run in project.report()["runs"]} == {
        "numbers/one": 0.25,
        "numbers/two": 0.75,
    }


ECHO = """
from pytest_metr.agent import AgentKind

class Echo:
    def __init__(self, word):
        self.word = word

    def run(self, workspace):
        assert workspace.exec(["true"]).ok
        return self.word

def pytest_metr_agent_kinds():
    check = lambda fields: {"word": fields.text("word")}
    return [AgentKind(name="echo", check=check, make=lambda spec: Echo(spec.settings["word"]))]
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_conftest_adds_a_kind_of_agent(numbers: Project, workers: str) -> None:
    (numbers.root / "conftest.py").write_text(ECHO, encoding="utf-8")
    (numbers.root / "agents" / "mine.yaml").write_text("kind: echo\nword: '1'\n", encoding="utf-8")
    result = numbers.run("-n", workers, agent="mine")
    assert result.status == 0, result.output
    assert numbers.report()["session"]["agents"][0]["kind"] == "echo"


def test_a_note_about_the_score_is_shown_with_the_failure(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    project.agent("nan", {"numbers/one": "nan"})
    project.run(agent="nan").lines("score 0, not above 0.9", "note: score returned nan, which is no valid score")
