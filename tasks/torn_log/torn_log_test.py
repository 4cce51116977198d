"""Tests of the family, run in its sandbox by root after ``start``: logs, scorer and junk."""

import importlib
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

HOME = Path("/home/agent")
ANSWER = HOME / "states.json"

sys.path.insert(0, "/root/assets")
logs = importlib.import_module("logs")


@pytest.fixture(autouse=True)
def no_answer():
    """Leave no answer behind, whatever it is."""
    yield
    if ANSWER.is_dir() and not ANSWER.is_symlink():
        shutil.rmtree(ANSWER)
    else:
        ANSWER.unlink(missing_ok=True)


@pytest.fixture
def score(task_family, task):
    """Return a function that scores an answer."""

    def score_of(answer):
        ANSWER.write_text(answer if isinstance(answer, str) else json.dumps(answer))
        return task_family.score(task, "")

    return score_of


@pytest.fixture
def right(task_name):
    """Return the right answer."""
    return {name: state for name, _, state in logs.cases(task_name)}


def test_nothing_scores_0(task_family, task):
    assert task_family.score(task, "") == 0
    assert task_family.score(task, '{"score": 1}') == 0


def test_right_answer_scores_1(score, right):
    assert score(right) == 1
    assert score({**right, "case99": {}}) == 1
    assert score({name: dict(reversed(state.items())) for name, state in right.items()}) == 1


def test_each_case_counts(score, right):
    for count in range(0, len(right), 3):
        assert score(dict(list(right.items())[:count])) == pytest.approx(count / len(right))


def test_values_are_texts(score, right):
    as_numbers = {
        name: {key: int(value) if value.lstrip("-").isdigit() else value for key, value in state.items()}
        for name, state in right.items()
    }
    assert score(as_numbers) < 0.2


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "NaN", '"x"', "[" * 10**5, '{"case00":' * 10**5, "9" * 10**5])
def test_junk_scores_0(score, text):
    assert score(text) == 0


@pytest.mark.parametrize("value", [None, True, 1.5, [], {}, "", {"oak": []}, {"oak": {"oak": {}}}, -1e400])
def test_junk_for_every_case_scores_0(score, right, value):
    assert score(dict.fromkeys(right, value)) == 0


@pytest.mark.parametrize("data", [b"\0" * 100, b"\xff\xfe{}", b'{"case00": "\xff"}', b" " * (1024 * 1024 + 1)])
def test_bytes_that_are_no_text_score_0(task_family, task, data):
    ANSWER.write_bytes(data)
    assert task_family.score(task, "") == 0


def test_only_a_regular_file_counts(task_family, task, right, tmp_path):
    elsewhere = tmp_path / "states.json"
    elsewhere.write_text(json.dumps(right))
    for target in (elsewhere, "/dev/zero", None):
        if target:
            ANSWER.symlink_to(target)
        else:
            os.mkfifo(ANSWER)
        assert task_family.score(task, "") == 0
        ANSWER.unlink()
    ANSWER.mkdir()
    assert task_family.score(task, "") == 0


def test_instructions_and_files_agree(task_family, task, task_name):
    text = task_family.get_instructions(task)
    for name in ("/home/agent/logs", "/home/agent/SPEC.md", "/home/agent/states.json"):
        assert name in text
    assert "/root" not in text
    folders = sorted(path.name for path in (HOME / "logs").iterdir())
    assert folders == [f"case{number:02d}" for number in range(40)]
    for name, files, _ in logs.cases(task_name):
        assert {path.name: path.read_bytes() for path in (HOME / "logs" / name).iterdir()} == files


def test_states_are_texts_and_seldom_empty(right):
    for state in right.values():
        assert all(isinstance(text, str) for pair in state.items() for text in pair)
    assert sum(not state for state in right.values()) == 0


def test_same_logs_each_time_and_others_for_other_seeds(task_name, monkeypatch):
    assert logs.cases(task_name) == logs.cases(task_name)
    made = [logs.cases(task_name)]
    for seed in range(5):
        monkeypatch.setitem(logs.SEEDS, task_name, seed)
        made.append(logs.cases(task_name))
    assert len({repr(cases) for cases in made}) == 6
