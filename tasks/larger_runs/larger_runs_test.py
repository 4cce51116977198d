"""Tests of the law, the logs and the scorer, run inside the sandbox for every task."""

import importlib
import json
import math
import os
import sys
from pathlib import Path

import pytest

ANSWER = Path("/home/agent/answer.json")
COUNTS = {"curve_end": (20, 0), "larger": (18, 12)}


def asset(name):
    if "/root/assets" not in sys.path:
        sys.path.insert(0, "/root/assets")
    return importlib.import_module(name)


def right(task):
    """Return the right answer, and the names of its losses and ends that count."""
    scoring, logs = asset("scoring"), asset("logs")
    losses, ends = (logs.curves()[2], {}) if task == "curve_end" else logs.large()[1:]
    answer = losses if task == "curve_end" else {"losses": losses, "diverges": ends}
    return answer, [*losses][scoring.SHOWN_LOSSES[task] :], [*ends][scoring.SHOWN_ENDS :]


@pytest.fixture
def hand_in(task_family, task):
    """Return a function that hands something in and returns the final score and that for feedback."""

    def score(answer):
        ANSWER.write_bytes(answer if isinstance(answer, bytes) else json.dumps(answer).encode())
        entry = task_family.intermediate_score(task)
        json.dumps(entry)
        return task_family.aggregate_scores(task, [entry]), entry["score"]

    yield score
    ANSWER.unlink(missing_ok=True)


def test_right_is_one(task_name, hand_in):
    answer, losses, ends = right(task_name)
    assert hand_in(answer) == (1, 1)
    assert (len(losses), len(ends)) == COUNTS[task_name]


def test_nothing_is_zero(task_family, task):
    ANSWER.unlink(missing_ok=True)
    entry = task_family.intermediate_score(task)
    assert entry["score"] == 0
    assert task_family.aggregate_scores(task, [entry]) == 0
    assert task_family.aggregate_scores(task, []) == 0


def test_junk_is_zero(task_name, hand_in):
    names = right(task_name)[1]
    values = [None, True, "2.4", [2.4], {}, -2.4, 0, 10**400, float("nan"), float("inf")]
    wild = [dict.fromkeys(names, value) for value in values]
    if task_name == "larger":
        wild = [{"losses": losses, "diverges": {"d05": 1, "d06": "true", "d07": None}} for losses in wild]
        wild += [{"losses": value, "diverges": value} for value in values]
    deep = b"[" * 100_000 + b"]" * 100_000
    wild += [[], 7, None, "x", b"\xff\xfe", deep, b"{" * 100_000, b" " * (1024 * 1024 + 1), b"9" * 5000, b"", b"NaN"]
    for junk in wild:
        assert hand_in(junk) == (0, 0)


def test_no_regular_file(task_family, task):
    ANSWER.unlink(missing_ok=True)
    ANSWER.symlink_to("/root/assets/law.py")
    assert task_family.intermediate_score(task)["score"] == 0
    ANSWER.unlink()
    os.mkfifo(ANSWER)
    assert task_family.intermediate_score(task)["score"] == 0
    ANSWER.unlink()
    ANSWER.mkdir()
    assert task_family.intermediate_score(task)["score"] == 0
    ANSWER.rmdir()


def test_feedback_does_not_count(task_name, hand_in):
    answer, losses, ends = right(task_name)
    if task_name == "curve_end":
        shown = {name: value for name, value in answer.items() if name not in losses}
    else:
        shown = {
            "losses": {name: value for name, value in answer["losses"].items() if name not in losses},
            "diverges": {name: value for name, value in answer["diverges"].items() if name not in ends},
        }
    assert hand_in(shown) == (0, 1)


def test_marks_fall_with_the_error(task_name, hand_in):
    answer = right(task_name)[0]
    losses = answer["losses"] if task_name == "larger" else answer
    scores = []
    for error in (0.0, 0.006, 0.01, 0.015, 0.019, 0.05):
        off = {name: value * math.exp(error) for name, value in losses.items()}
        scores.append(hand_in({"losses": off} if task_name == "larger" else off)[0])
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)
    assert scores[-1] == 0


def test_ends(task_name, hand_in):
    if task_name != "larger":
        pytest.skip("only larger")
    answer = right("larger")[0]["diverges"]
    for value in (True, False):
        assert hand_in({"diverges": dict.fromkeys(answer, value)}) == (0, 0)
    assert hand_in({"diverges": answer}) == (0.25, 0.25)
    assert hand_in({"diverges": {**answer, "d16": not answer["d16"]}})[0] == pytest.approx(0.25 * 10 / 12)


def test_the_law(task_name):
    law, logs = asset("law"), asset("logs")
    if task_name == "larger":
        small, (wanted, losses, ends) = logs.small_logs(), logs.large()
        assert len(small) == 70
        largest = max(12 * log["layers"] * log["width"] ** 2 for log in small)
        assert max(run["parameters"] for run in wanted["losses"]) > 50 * largest
        assert sum(ends.values()) * 2 == len(ends)
        assert max(losses.values()) < min(min(point[2] for point in log["curve"]) for log in small)
        assert not any(law.diverges(run) for run in wanted["losses"])
    else:
        complete, begun, losses = logs.curves()
        assert {run["schedule"] for run in complete} == {"cosine", "constant", "late"}
        assert all(run["curve"][-1][0] <= 0.41 * run["steps"] for run in begun)
        assert all(1.5 < value < 6.5 for value in losses.values())


def test_instructions(task_family, task, task_name):
    text = task_family.get_instructions(task)
    names = ["answer.json", "complete.jsonl", "begun.jsonl"]
    names = names if task_name == "curve_end" else ["answer.json", "small_runs.jsonl", "wanted.json", "NOTES.md"]
    for name in names:
        assert f"/home/agent/{name}" in text
