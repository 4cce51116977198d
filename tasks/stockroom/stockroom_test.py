"""Tests of the family, run in its sandbox by root after ``start``: cases, scorer and code that misbehaves."""

import importlib
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

WORK = Path("/home/agent/work")
DELIVERED = Path("/root/assets")
SCRIPTS = {"labels": "labels.py", "costing": "costing.py", "whole": "stockroom/__init__.py"}
#: How the case's function is called in the place of the delivered one.
NAMES = {"labels": "encode = decode", "costing": "replay", "whole": "run"}

sys.path.insert(0, "/root/assets")
cases = importlib.import_module("cases")


@pytest.fixture(autouse=True)
def as_delivered(task_name):
    """Put the work back as it was delivered."""
    yield
    if WORK.is_symlink() or WORK.is_file():
        WORK.unlink()
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(DELIVERED / task_name, WORK)


@pytest.fixture
def score(task_family, task, task_name):
    """Return a function that scores a module in the place of the delivered one."""

    def score_of(text):
        (WORK / SCRIPTS[task_name]).write_bytes(text if isinstance(text, bytes) else text.encode())
        return task_family.score(task, "")

    return score_of


@pytest.fixture
def known(task_name):
    """Return what is known of the results."""
    return json.loads((DELIVERED / "expected.json").read_text())[task_name]


def test_delivered_code_scores_0(task_family, task):
    assert task_family.score(task, "") == 0
    assert task_family.score(task, '{"score": 1}') == 0


def test_what_is_known_fits_the_cases(task_name, known):
    calls = cases.TASKS[task_name]()
    assert calls == cases.TASKS[task_name]()
    assert len(calls) == len(known)
    assert sum(not case["right_at_start"] for case in known) >= 40
    assert len({json.dumps(call) for call in calls}) > 0.9 * len(calls)


def test_labels_that_follow_the_specification_score_1(task_name, score):
    if task_name != "labels":
        pytest.skip("for labels only")
    assert (
        score(
            """
def encode(aisle, shelf):
    digits = "%02d%03d" % (aisle, shelf)
    letter = "ABCDEFGHJKLMNPRSTUVWXYZ"[sum(int(d) * n * n for n, d in enumerate(digits, 1)) % 23]
    return "%s-%s-%s" % (digits[:2], digits[2:], letter)


def decode(label):
    label = label.strip(" ").upper()
    try:
        aisle, shelf, _ = label.split("-")
        return [int(aisle), int(shelf)] if encode(int(aisle), int(shelf)) == label else None
    except ValueError:
        return None
"""
        )
        == 1
    )


def test_costing_that_follows_the_specification_scores_1(task_name, score):
    if task_name != "costing":
        pytest.skip("for costing only")
    assert (
        score(
            """
def issue(layers, wanted):
    if wanted > sum(layer[0] for layer in layers):
        return None
    cost = 0
    while wanted:
        layer = layers[0]
        taken = min(layer[0], wanted)
        part = layer[1] * taken // layer[0]
        layer[0] -= taken
        layer[1] -= part
        cost, wanted = cost + part, wanted - taken
        if not layer[0]:
            layers.pop(0)
    return cost


def replay(operations):
    layers, results = [], []
    for name, *values in operations:
        result = None
        if name == "receive":
            layers.append(list(values))
        elif name == "give_back":
            layers.insert(0, list(values))
        elif name == "issue":
            result = issue(layers, *values)
        elif name == "oldest":
            result = list(layers[0]) if layers else None
        else:
            result = [list(layer) for layer in layers]
        results.append(result)
    return results
"""
        )
        == 1
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(",
        b"\xff\xfe\x00",
        "raise SystemExit(0)",
        "raise KeyboardInterrupt",
        "import os; os._exit(0)",
        "import os; os.kill(os.getpid(), 9)",
        "import sys; sys.setrecursionlimit(10**9)\ndef f(*a): return f(*a)\nencode = decode = replay = run = f",
        "encode = decode = replay = run = lambda *a: object()",
        "encode = decode = replay = run = lambda *a: float('nan')",
        "encode = decode = replay = run = lambda *a: True",
        "encode = decode = replay = run = lambda *a: 'x' * 10**6",
        "print('\\n'.join(f'{n} true' for n in range(9999)))\nencode = decode = replay = run = lambda *a: 1",
    ],
)
def test_junk_scores_0(score, text):
    assert score(text) == 0


def test_forged_lines_score_0(score, task_name):
    assert score(
        "import os\n"
        "for d in range(64):\n"
        "    try:\n"
        "        os.write(d, ''.join(f'\\n{n} null\\n{n} true\\n' for n in range(300)).encode())\n"
        "    except OSError:\n"
        "        pass\n"
        f"{NAMES[task_name]} = lambda *a: None\n"
    ) == pytest.approx(0)


def test_no_work_scores_0(task_family, task):
    shutil.rmtree(WORK)
    assert task_family.score(task, "") == 0
    WORK.write_text("")
    assert task_family.score(task, "") == 0
    WORK.unlink()
    os.mkfifo(WORK)
    assert task_family.score(task, "") == 0
    WORK.unlink()
    WORK.symlink_to("/root/solution")
    assert task_family.score(task, "") == 0


def test_code_sees_nothing_of_root(score, task_name, tmp_path):
    # A module that finds the assets would return what the delivered one does not: a list of their names.
    seen = Path("/tmp/seen-by-handed-in-code")
    seen.unlink(missing_ok=True)
    score(
        "import glob, os\n"
        "names = [n for p in ['/root', *glob.glob('/proc/*/root/root')] for n in glob.glob(p + '/assets/*')]\n"
        "with open('/tmp/seen-by-handed-in-code', 'w') as file:\n"
        "    file.write(repr(names))\n"
    )
    assert seen.read_text() == "[]"
    seen.unlink()


def test_instructions_and_files_agree(task_family, task, task_name):
    text = task_family.get_instructions(task)
    for name in ("/home/agent/work", "SPEC.md", "check.py", "30 seconds"):
        assert name in text
    assert "/root" not in text
    for path in (DELIVERED / task_name).rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert (WORK / path.relative_to(DELIVERED / task_name)).read_bytes() == path.read_bytes()
