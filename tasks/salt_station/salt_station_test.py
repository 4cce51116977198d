"""Tests of the family, run in its sandbox by root after ``start``: papers and tables, scorer and junk."""

import csv
import importlib
import json
import math
import os
import shutil
import sys
from pathlib import Path

import pytest

HOME = Path("/home/agent")
ANSWER = HOME / "predictions.json"

sys.path.insert(0, "/root/assets")


@pytest.fixture
def asset(task_name):
    """Return the module that makes the task's data."""
    return importlib.import_module(task_name)


@pytest.fixture(autouse=True)
def no_answer():
    """Leave no answer behind, whatever it is."""
    yield
    if ANSWER.is_dir() and not ANSWER.is_symlink():
        shutil.rmtree(ANSWER)
    else:
        ANSWER.unlink(missing_ok=True)


@pytest.fixture
def score(task_family, task, task_name):
    """Return a function that scores predictions."""
    if task_name != "evaporation":
        pytest.skip("for evaporation only")

    def score_of(answer):
        ANSWER.write_text(answer if isinstance(answer, str) else json.dumps(answer))
        return task_family.score(task, "")

    return score_of


def test_nothing_scores_0(task_family, task):
    for submission in ("", " ", "1.0", '{"score": 1}', "\0", "\ud800", "9" * 10**5):
        assert task_family.score(task, submission) == 0


def test_right_submission_scores_1(task_family, task, task_name, asset):
    if task_name == "evaporation":
        pytest.skip("has no submission")
    right = str(asset.answer())
    assert task_family.score(task, right) == 1
    assert task_family.score(task, f" {right}\n") == 1
    for near in (right + ".0", right + " " + right, right[:-1], "+" + right, right + "0", right.translate({49: "١"})):
        assert task_family.score(task, near) == 0


def test_right_predictions_score_1(score, asset):
    right = asset.answer()
    assert score(right) == 1
    assert score({**right, "more": None}) == 1
    for factor, expected in ((1.019, 1), (0.981, 1), (1.021, 0), (0.979, 0), (-1, 0)):
        assert score({name: value * factor for name, value in right.items()}) == expected


def test_each_prediction_counts(score, asset):
    right = asset.answer()
    for count in range(len(right)):
        assert score(dict(list(right.items())[:count])) == pytest.approx(count / len(right))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "NaN", '"x"', "[" * 10**4, '{"p00":' * 9000, "9" * 10**4])
def test_junk_scores_0(score, text):
    assert score(text) == 0


@pytest.mark.parametrize("value", [None, True, "1.5", [], {}, math.nan, math.inf, 10**400, -(10**3000), "٣"])
def test_junk_costs_what_it_is_in_the_place_of(score, asset, value):
    right = asset.answer()
    assert score(dict.fromkeys(right, value)) == 0
    assert score({**right, "p00": value}) == pytest.approx(1 - 1 / len(right))


@pytest.mark.parametrize("data", [b"\0" * 100, b"\xff\xfe{}", b'{"p00": "\xff"}', b" " * (64 * 1024 + 1)])
def test_bytes_that_are_no_text_score_0(task_family, task, data):
    ANSWER.write_bytes(data)
    assert task_family.score(task, "") == 0


def test_only_a_regular_file_counts(task_family, task, tmp_path):
    elsewhere = tmp_path / "predictions.json"
    elsewhere.write_text(json.dumps(importlib.import_module("evaporation").answer()))
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
    names = {"gauges": ["gauges.csv"], "archive": ["archive"], "evaporation": ["runs.csv", "targets.csv"]}[task_name]
    for name in names:
        assert f"/home/agent/{name}" in text
        assert (HOME / name).exists()
    assert "/root" not in text


def test_readings_change_their_unit_but_once(task_name, asset):
    if task_name != "gauges":
        pytest.skip("for gauges only")
    with (HOME / "gauges.csv").open() as file:
        wet = [row for row in csv.DictReader(file) if float(row["gauge_a_mm"]) >= 3]
    after = [row for row in wet if row["date"] >= asset.answer()]
    before = [row for row in wet if row["date"] < asset.answer()]
    assert all(2.3 < float(row["gauge_a_mm"]) / float(row["gauge_b"]) < 2.8 for row in after)
    assert sum(float(row["gauge_a_mm"]) / float(row["gauge_b"]) > 1.1 for row in before) == 2
    # The days next to the change were wet, so that no other day can be meant.
    assert after[0]["date"] == asset.answer()
    assert int(after[0]["date"][-2:]) - int(before[-1]["date"][-2:]) == 1


def test_each_paper_is_needed(task_name, asset):
    if task_name != "archive":
        pytest.skip("for archive only")
    papers = asset.papers()
    assert {path.name: path.read_text() for path in (HOME / "archive").iterdir()} == papers
    assert not any(str(asset.answer()) in text for text in papers.values())
    # The cargo that came back was written in long hundreds: sums over the totals hide their misreading otherwise.
    assert asset.AUNE[0] <= asset.PETREL_BACK < asset.AUNE[1]
    assert " 3 September 1871   Petrel          3C 61" in papers["ledger.txt"]


def test_targets_lie_where_the_law_matters(task_name, asset):
    if task_name != "evaporation":
        pytest.skip("for evaporation only")
    targets = asset.targets()
    crusted = [salinity >= asset.CRUST for *_, salinity in targets]
    assert 6 <= sum(crusted) <= 10
    assert all(abs(salinity - asset.CRUST) > 0.01 for *_, salinity in targets)
    assert len(asset.runs()) == 171
