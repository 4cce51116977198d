"""Tests of the family in METR's form: run in the sandbox as root, once for every task."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

HOME = Path("/home/agent")


@pytest.fixture
def home(task):
    """The delivered programs, put back afterwards."""
    kept = {name: (HOME / f"{name}.tal").read_text() for name in task["programs"]}
    yield HOME
    for name, text in kept.items():
        clear(HOME / f"{name}.tal")
        (HOME / f"{name}.tal").write_text(text)


def clear(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def final(task_family, task):
    entry = task_family.intermediate_score(task)
    assert set(entry["message"]) == set(task["programs"])
    return task_family.aggregate_scores(task, [entry])


def machine():
    sys.path.insert(0, "/root/assets")
    import inputs
    import tally

    return tally, inputs


def test_untouched(task_family, task):
    assert final(task_family, task) == 0
    assert task_family.aggregate_scores(task, []) == 0


def test_instructions_name_the_files(task_family, task):
    text = task_family.get_instructions(task)
    assert "/home/agent/MANUAL.md" in text
    assert "/root" not in text
    for name in task["programs"]:
        assert name in text
        assert json.loads((HOME / f"{name}.json").read_text())


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\xff\x00" * 100,
        b"halt\n",
        b"x: jmp x\n",
        b"x: out 1\n jmp x\n",
        b"add r1, r2\n",
        b"ld r1, -1, 0\n",
        "set r1, \u0663\nhalt\n".encode(),
        b"set r12, 1\n",
        b"set r1, 9" + b"9" * 60000,
        b"jmp nowhere\n",
        b"halt\n" * 99999,
    ],
)
def test_junk(task_family, task, home, junk):
    for name in task["programs"]:
        (home / f"{name}.tal").write_bytes(junk)
    assert final(task_family, task) == 0


@pytest.mark.parametrize("kind", ["missing", "link", "fifo", "folder", "zero"])
def test_no_regular_file(task_family, task, home, kind):
    path = home / f"{task['programs'][0]}.tal"
    clear(path)
    if kind == "link":
        path.symlink_to("/root/assets/programs/peak.tal")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "zero":
        path.symlink_to("/dev/zero")
    assert final(task_family, task) == 0


def test_right_program(task_family, task, home, task_name):
    if task_name != "mend":
        pytest.skip("the other tasks' good programs are long; the reference solution shows that they can score 1")
    path = home / "peak.tal"
    path.write_text(path.read_text().replace("sub r1, r1, 2", "sub r1, r1, 1"))
    assert final(task_family, task) == 1


def test_delivered_programs_are_right_and_within_the_limit(task_family, task, task_name):
    if task_name == "mend":
        pytest.skip("its program has a fault")
    entry = task_family.intermediate_score(task)
    assert all(": all right, " in text for text in entry["message"].values())
    assert all(": all right, " in text for text in entry["details"]["programs"].values())


def test_costs():
    tally, _ = machine()

    def ticks(source):
        return tally.run(tally.Program(source), [], 1000)[1]

    assert ticks("halt") == 1
    assert ticks("mul r1, 2, 3\nout r1\nhalt") == 6
    assert ticks("mul r1, 2, 3\nout r2\nhalt") == 3
    assert ticks("ld r1, 5, 0\nout r1\nhalt") == 4
    assert ticks("st 1, 64, 0\nld r1, 65, 0\nout r1\nhalt") == 4 + 5 + 1 + 1
    assert ticks("ld r1, 512, 0\nld r2, 513, 0\nout r2\nhalt") == 10 + 4 + 1 + 1
    assert ticks("ld r1, 512, 0\nld r2, 528, 0\nout r2\nhalt") == 1 + 13 + 1 + 1
    assert ticks("x: add r1, r1, 1\njlt r1, 5, x\nhalt") == 5 + (6 + 1 + 1 + 1 + 6) + 1


def test_results():
    tally, _ = machine()
    top = 2**48 - 1
    for source, expected in {
        "sub r1, 0, 1": top,
        "mul r1, -1, -1": 1,
        "shl r1, 3, 47": 1 << 47,
        "shl r1, 1, 48": 0,
        "shr r1, -1, 100": 0,
        "lt r1, 1, -1": 1,
        "sel r1, 0, 5": 0,
        "sel r1, 2, 5": 5,
        "cnt r1, 0xff": 8,
        "top r1, 0": top,
        "top r1, 1024": 10,
    }.items():
        assert tally.run(tally.Program(f"{source}\nout r1\nhalt"), [], 100)[0] == [expected]


def test_inputs_keep_to_their_bounds(task):
    _, inputs = machine()
    for name in task["programs"]:
        for part in ("seen", "hidden"):
            assert inputs.cases(name, part) == inputs.cases(name, part)
            for case in inputs.cases(name, part):
                assert all(0 <= word < 2**48 for word in case["input"])
                assert len(case["input"]) < 4000
