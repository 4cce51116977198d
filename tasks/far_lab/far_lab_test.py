"""Tests of the scorer, the worlds and the laboratory, run in the sandbox as root, once for each task."""

import contextlib
import json
import math
import os
import shutil
import socket
import sys
from pathlib import Path

import pytest

sys.path.insert(0, "/root/assets")

import field
import lab_server
from worlds import BadSettings

HOME = Path("/home/agent")
FILE = HOME / "answer.json"
SEED = int(Path("/root/seed.txt").read_text())
SEEDS = (SEED, 1, 2, 3, 4, 5)


@pytest.fixture(autouse=True)
def clean():
    """Take away what a test has handed in."""
    yield
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(FILE) if FILE.is_dir() and not FILE.is_symlink() else FILE.unlink()


@pytest.fixture
def world(task_name):
    """Return the world of the task."""
    return lab_server.WORLDS[task_name](task_name, SEED)


def final(task_family, task):
    """Return the final score, and check that the steps before it hold together."""
    result = task_family.intermediate_score(task)
    json.dumps(result["message"])
    score = task_family.aggregate_scores(task, [result])
    assert 0 <= score <= 1
    return score


def hand_in(world, factor, names=None):
    """Write the true values times a factor for the conditions that are scored."""
    truths = {f"{number:02d}": world.truth(c) for number, c in enumerate(world.conditions())}
    FILE.write_text(json.dumps({n: [factor * v for v in t] for n, t in truths.items() if names is None or n in names}))
    return len(truths)


def test_the_truth_scores_one(task_family, task, world):
    count = hand_in(world, 1.0)
    assert final(task_family, task) == 1.0
    hand_in(world, 1.0, ["00"])
    assert math.isclose(final(task_family, task), 1 / count)


def test_errors_lower_the_score(task_family, task, task_name, world):
    scores = []
    for factor in (1.015, 1.035, 1.08, 2.0):
        hand_in(world, factor)
        scores.append(final(task_family, task))
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > (0.75 if task_name == "far_field" else 0.99)
    assert scores[-1] == 0


def test_practice_is_not_what_counts(task_family, task, task_name, world):
    if task_name != "far_field":
        pytest.skip("has no practice")
    practice = world.conditions("practice")
    FILE.write_text(json.dumps({f"practice_{number}": world.truth(c) for number, c in enumerate(practice)}))
    result = task_family.intermediate_score(task)
    assert result["score"] == 1.0
    assert result["details"]["final_score"] == 0
    assert not any(c in world.conditions() for c in practice)


@pytest.mark.parametrize(
    "junk",
    [
        "", "{", "[]", "null", "7", "[" * 100_000, '{"00": ' * 5000, "\x00\xff", '{"00": [NaN]}',
        '{"00": [Infinity, 1]}',
        '{"00": [true]}', '{"00": ["1"]}', '{"00": 1}', '{"00": [1e300, 1e300]}', '{"00": {}}', '{"00": [[1], [2]]}',
        '{"٠٠": [1]}', '{"00": [' + "9" * 4000 + "]}", "{}" + " " * 2**20,
    ],
)  # fmt: skip
def test_junk_scores_nothing(task_family, task, junk):
    FILE.write_text(junk)
    assert final(task_family, task) == 0


def test_no_regular_file_scores_nothing(task_family, task):
    assert final(task_family, task) == 0
    FILE.symlink_to("/root/seed.txt")
    assert final(task_family, task) == 0
    FILE.unlink()
    os.mkfifo(FILE)
    assert final(task_family, task) == 0
    FILE.unlink()
    FILE.mkdir()
    assert final(task_family, task) == 0


def test_instances_of_other_seeds(task, task_name):
    seen = set()
    for seed in SEEDS:
        world = lab_server.WORLDS[task_name](task_name, seed)
        conditions = world.conditions()
        seen.add(json.dumps(conditions))
        assert conditions == lab_server.WORLDS[task_name](task_name, seed).conditions()
        assert len(conditions) == task["scored"]
        for condition in conditions:
            truth = world.truth(condition)
            assert 0.01 < math.hypot(*truth) < 1e4
            # The laboratory cannot be brought into what is held out.
            with pytest.raises(BadSettings):
                world.check(condition)
    assert len(seen) == len(SEEDS)


def test_strikes_keep_two_sums(task_name):
    if task_name != "far_field":
        pytest.skip("has no strikes")
    for power in (1.5, 2.0, 3.0):
        after = field.strike([2.0, 3.0], [4.0, -1.0], power)
        assert after[0] < after[1]
        assert math.isclose(2 * after[0] + 3 * after[1], 5.0, abs_tol=1e-9)
        kept = 2 * abs(after[0]) ** power + 3 * abs(after[1]) ** power
        assert math.isclose(kept, 2 * 4.0**power + 3, rel_tol=1e-9)
    assert field.strike([2.0, 3.0], [1.0, 2.0], 2.0) == [1.0, 2.0]


def experiment(task_name, number):
    """Return the settings of some experiment."""
    return {
        "pulley": {"load": 1 + number / 1000, "drop": 2},
        "damping": {"speed": 1 + number / 1000, "load": 2, "fill": 1},
        "far_field": {"do": "gauge", "length": 1 + number / 1000},
    }[task_name]


def test_the_budget_ends(task_name):
    laboratory = lab_server.Laboratory(task_name, SEED)
    budget = laboratory.world.budget
    first = laboratory.answer(json.dumps(experiment(task_name, 0)))
    for number in range(budget + 5):
        reply = laboratory.answer(json.dumps(experiment(task_name, number)))
        assert ("error" in reply) == (number >= budget)
    # The same again is neither counted nor another.
    again = laboratory.answer(json.dumps(experiment(task_name, 0)))
    assert {**first, "left": 0} == again
    assert laboratory.answer('{"ask": "left"}') == {"left": 0}


def test_bad_requests_cost_nothing(task_name):
    laboratory = lab_server.Laboratory(task_name, SEED)
    for line in (
        "",
        "x",
        "[" * 4000,
        "[]",
        "{}",
        '{"load": NaN, "drop": 2}',
        '{"do": []}',
        '{"speed": true}',
        '{"a": 1e999}',
    ):
        assert "error" in laboratory.answer(line)
    assert laboratory.left == laboratory.world.budget


def test_the_laboratory_is_there(task):
    with socket.create_connection(("127.0.0.1", 8619), timeout=5) as connection:
        connection.sendall(b"junk\n" + b"x" * 5000 + b'\n{"ask": "left"}\n')
        stream = connection.makefile()
        replies = [json.loads(stream.readline()) for _ in range(4)]
    assert "error" in replies[0]
    assert "left" in replies[3]
    assert task["count"] == len(json.loads((HOME / "conditions.json").read_text()))


def test_instructions(task_family, task):
    instructions = task_family.get_instructions(task)
    for text in ("answer.json", "conditions.json", "ask.py", "8619"):
        assert text in instructions
    assert "/root" not in instructions
