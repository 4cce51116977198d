"""Tests of the generators and the scorers, run inside the sandbox for every task."""

import hashlib
import importlib
import json
import os
import sys
from pathlib import Path

import pytest

ANSWER = Path("/home/agent/answer.json")
ASSETS = "/root/assets"


def case_of(task, seed=None):
    if ASSETS not in sys.path:
        sys.path.insert(0, ASSETS)
    seed = int(Path("/root/seed.txt").read_text()) if seed is None else seed
    return importlib.import_module(task).case(seed)


def right_answer(task, truth):
    """Return the whole answer of a task."""
    if task == "removed":
        return {name: hashlib.sha256(data).hexdigest() for name, data in truth.items()}
    events = [
        {"source": source, "number": number, **{key: event[key] for key in ("time", "op", "file", "account")}}
        for (source, number), event in truth["events"].items()
    ]
    return {
        "events": events,
        "contents": {str(n): hashlib.sha256(data).hexdigest() for n, data in truth["contents"].items()},
        "tampered": [dict(zip(("source", "number", "field"), t, strict=True)) for t in truth["tampered"]],
    }


@pytest.fixture
def hand_in(task_family, task):
    """Return a function that hands something in and returns the score; the answer is removed afterwards."""

    def score(answer):
        ANSWER.unlink(missing_ok=True)
        ANSWER.write_bytes(answer if isinstance(answer, bytes) else json.dumps(answer).encode())
        return task_family.score(task, "")

    yield score
    ANSWER.unlink(missing_ok=True)


def test_right_is_one(task_family, task, task_name, hand_in):
    _, truth = case_of(task_name)
    if task_name == "logins":
        assert task_family.score(task, f" {truth}\n") == 1
    else:
        assert hand_in(right_answer(task_name, truth)) == 1


def test_nothing_is_zero(task_family, task):
    assert task_family.score(task, "") == 0


def test_submission_junk(task_family, task):
    for junk in ("1.0", "nobody 12:00:00", "\0" * 100, "x" * 10**6):
        assert task_family.score(task, junk) == 0


def test_answer_junk(hand_in):
    deep = b"[" * 100_000 + b"]" * 100_000
    parts = [
        {"events": deep_value, "contents": deep_value, "tampered": deep_value} for deep_value in (1, [1], {"a": 1}, "x")
    ]
    wild = {"source": ["journal"], "number": True, "time": float("nan"), "op": {}, "file": [], "account": None}
    parts += [
        {"events": [wild, [], None], "contents": {"1": [], "2": {}}, "tampered": [wild]},
        [],
        7,
        None,
        {"a": None},
    ]
    parts += [b"\xff\xfe", deep, b"{" * 100_000, b" " * (1024 * 1024 + 1), b"9" * 5000, b"NaN"]
    for junk in parts:
        assert hand_in(junk) == 0


def test_no_regular_file(task_family, task):
    ANSWER.symlink_to("/root/seed.txt")
    assert task_family.score(task, "") == 0
    ANSWER.unlink()
    os.mkfifo(ANSWER)
    assert task_family.score(task, "") == 0
    ANSWER.unlink()
    ANSWER.mkdir()
    assert task_family.score(task, "") == 0
    ANSWER.rmdir()


def test_removed_steps(task_name, hand_in):
    if task_name != "removed":
        pytest.skip("only removed")
    answer = right_answer("removed", case_of("removed")[1])
    count = len(answer)
    first = next(iter(answer))
    assert hand_in({first: answer[first]}) == pytest.approx(1 / count)
    assert hand_in({**answer, first: "0" * 64}) == pytest.approx((count - 1.5) / count)
    assert hand_in({**answer, "other.txt": answer[first]}) == pytest.approx((count - 0.5) / count)


def test_undertow_steps(task_name, hand_in):
    if task_name != "undertow":
        pytest.skip("only undertow")
    answer = right_answer("undertow", case_of("undertow")[1])
    assert hand_in({"events": answer["events"]}) == pytest.approx(0.5)
    assert hand_in({"contents": answer["contents"]}) == pytest.approx(0.25)
    assert hand_in({"tampered": answer["tampered"]}) == pytest.approx(0.25)
    count = len(answer["events"])
    late = [{**event, "time": event["time"] + 2} for event in answer["events"]]
    assert hand_in({"events": late}) == pytest.approx(0.25)
    false = {**answer["events"][0], "source": "journal", "number": 1}
    assert hand_in({"events": [*answer["events"], false]}) == pytest.approx(0.5 - 0.25 / count)
    assert hand_in({"events": answer["events"] * 2}) == pytest.approx(0.5)
    assert hand_in({"tampered": [*answer["tampered"], {"source": "journal", "number": 1, "field": "time"}]}) < 0.25


def test_other_seeds(task_name):
    found = set()
    for seed in range(3):
        _, truth = case_of(task_name, seed)
        found.add(str(truth))
        if task_name == "removed":
            assert 9 <= len(truth) <= 13
        if task_name == "undertow":
            assert len(truth["contents"]) == 10
            assert len(truth["tampered"]) == 15
            assert 46 <= len(truth["events"]) <= 54
    assert len(found) == 3


def test_instructions(task_family, task, task_name):
    text = task_family.get_instructions(task)
    assert "/home/agent/" in text
    assert ("answer.json" in text) == (task_name != "logins")
