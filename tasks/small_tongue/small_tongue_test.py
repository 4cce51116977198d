"""METR's form of tests: run inside the sandbox as root, once for every task."""

import importlib
import json
import sys
from pathlib import Path

import pytest

HOME = Path("/home/agent")
WORK = HOME / "work"
sys.path.insert(0, "/root/assets")


@pytest.fixture
def cases():
    return importlib.import_module("cases")


@pytest.fixture
def runner():
    return importlib.import_module("runner")


@pytest.fixture
def folder():
    """A folder that the confined child can read."""
    made = HOME / "work-of-a-test"
    made.mkdir()
    yield made
    for path in made.iterdir():
        path.unlink()
    made.rmdir()


def module_name(task_name):
    return "sums" if task_name == "sums" else "skerry"


def score_with(task_family, task, text):
    path = WORK / f"{module_name(task['name'])}.py"
    path.write_text(text)
    try:
        return task_family.score(task, "")
    finally:
        path.unlink()


def artificial(count):
    """Cases of two groups whose results are their arguments, with what is known of them."""
    made = [{"group": f"g{n % 2}", "module": "echo", "args": [f"text {n}"]} for n in range(count)]
    runner = importlib.import_module("runner")
    return made, [runner.digest("echo", n, case["args"][0]) for n, case in enumerate(made)]


def test_instructions(task_family, task_name, task):
    text = task_family.get_instructions(task)
    assert "/home/agent/work/SPEC.md" in text
    assert f"{module_name(task_name)}.py" in text
    assert "/root" not in text
    assert "{" not in text


def test_delivered(task_name):
    spec = (WORK / "SPEC.md").read_text()
    assert len(spec) > 2000
    examples = sorted((WORK / "examples").glob("*.json"))
    assert examples
    for path in examples:
        call = json.loads(path.read_text())
        assert call["module"] == module_name(task_name)
        assert path.with_suffix(".out").read_text().endswith("\n")
    assert not list(WORK.glob(f"{module_name(task_name)}*"))


def test_cases(cases, task_name):
    known = json.loads(Path("/root/assets/expected.json").read_text())[task_name]
    found = cases.cases(task_name)
    assert found == cases.cases(task_name)
    assert len(found) == len(known) == len(set(known))
    for group in {case["group"] for case in found}:
        assert sum(case["group"] == group for case in found) >= 15, group


def test_hidden_differs_from_examples(cases, task_name):
    hidden = [case["args"][0] for case in cases.cases(task_name)]
    for path in (WORK / "examples").glob("*.json"):
        assert json.loads(path.read_text())["args"][0] not in hidden


def test_nothing_scores_nothing(task_family, task):
    assert task_family.score(task, "1.0") == 0


@pytest.mark.parametrize(
    "text",
    [
        "def run(*args):\n    return ''\n",
        "def run(*args):\n    return 'true\\n'\n",
        "def run(*args):\n    return ['true\\n']\n",
        "def run(*args):\n    return 'x' * 10**7\n",
        "def run(*args):\n    raise SystemExit(0)\n",
        "def run(*args):\n    run(*args)\n",
        "run = 5\n",
        "import nothing_of_the_kind\n",
        "raise KeyboardInterrupt\n",
        "this is no Python\n",
        "\x00",
    ],
)
def test_junk_scores_nothing(task_family, task, text):
    assert score_with(task_family, task, text) == 0


def test_right_results_score_one(runner, folder):
    (folder / "echo.py").write_text("def run(text):\n    return text\n")
    assert runner.score_of("echo", *artificial(20), folder) == 1


def test_score_is_the_mean_over_groups(runner, folder):
    (folder / "echo.py").write_text(
        "def run(text):\n    return text if text in ('text 0', 'text 2', 'text 4') else ''\n"
    )
    assert runner.score_of("echo", *artificial(20), folder) == pytest.approx((2 / 9 + 0) / 2)


def test_other_cases_count_after_an_end(runner, folder):
    text = "import os\ndef run(text):\n    return os._exit(3) if text.endswith('4') else text\n"
    (folder / "echo.py").write_text(text)
    assert runner.score_of("echo", *artificial(20), folder) == pytest.approx((7 / 9 + 1) / 2)


def test_other_cases_count_after_a_hang(runner, folder, monkeypatch):
    monkeypatch.setattr(runner, "SECONDS_EACH", 1)
    text = "import time\ndef run(text):\n    return time.sleep(99) if text == 'text 4' else text\n"
    (folder / "echo.py").write_text(text)
    assert runner.score_of("echo", *artificial(20), folder) == pytest.approx((8 / 9 + 1) / 2)


def test_results_of_other_cases_cannot_be_written(runner, folder):
    text = "import os\ndef run(text):\n    for n in range(3, 20):\n        try:\n"
    text += "            os.write(n, b'7 \"text 7\"\\n')\n"
    (folder / "echo.py").write_text(text + "        except OSError:\n            pass\n    return 'no'\n")
    assert runner.score_of("echo", *artificial(20), folder) == 0


def test_root_is_not_seen(runner, folder):
    (folder / "echo.py").write_text(
        "import os\ndef run(text):\n    return str(os.path.exists('/root/assets/cases.py'))\n"
    )
    results = runner.results_of([[0, "echo", ["x"]]], folder)
    assert results == {0: "False"}
