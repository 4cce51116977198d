"""Tests of the family, run in its sandbox by root after ``start``: instance, scorer and junk."""

import importlib
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

HOME = Path("/home/agent")
ANSWER = HOME / "answer.json"

sys.path.insert(0, "/root/assets")
parcel = importlib.import_module("parcel")
fairness = importlib.import_module("fairness")


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
    _, targets = parcel.documents(task_name)
    if task_name == "checksum":
        targets = [parcel.encode_checksum(document).hex() for document in targets]
    return {f"{number:02d}": target for number, target in enumerate(targets)}


def test_nothing_scores_0(task_family, task):
    assert task_family.score(task, "") == 0
    assert task_family.score(task, json.dumps({"score": 1})) == 0


def test_right_answer_scores_1(score, right):
    assert score(right) == 1
    assert score({**right, "99": "more"}) == 1


def test_each_target_counts(score, right):
    for count in range(len(right)):
        assert score(dict(list(right.items())[:count])) == pytest.approx(count / len(right))


def test_answer_shifted_by_one_scores_little(score, right):
    assert score(dict(zip(right, [*list(right.values())[1:], None], strict=True))) < 0.2


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "NaN", '"00"', "[" * 10**5, '{"00":' * 10**5, "9" * 10**5])
def test_junk_scores_0(score, text):
    assert score(text) == 0


@pytest.mark.parametrize("value", [None, True, 1.5, [], {}, "", "zz", "٠٠", [[[]]], float("nan"), -1e400])
def test_junk_for_every_target_scores_0(score, right, value):
    assert score(dict.fromkeys(right, value)) == 0


@pytest.mark.parametrize("data", [b"\0" * 100, b"\xff\xfe{}", b'{"00": "\xff"}', b" " * (1024 * 1024 + 1)])
def test_bytes_that_are_no_text_score_0(task_family, task, data):
    ANSWER.write_bytes(data)
    assert task_family.score(task, "") == 0


def test_only_a_regular_file_counts(task_family, task, right, tmp_path):
    elsewhere = tmp_path / "answer.json"
    elsewhere.write_text(json.dumps(right))
    for make in (
        lambda: ANSWER.symlink_to(elsewhere),
        lambda: os.mkfifo(ANSWER),
        lambda: ANSWER.symlink_to("/dev/zero"),
    ):
        make()
        assert task_family.score(task, "") == 0
        ANSWER.unlink()
    ANSWER.mkdir()
    assert task_family.score(task, "") == 0


def test_true_is_not_1_and_order_does_not_matter(task_name, score, right):
    if task_name != "records":
        pytest.skip("for records only")
    turned = {name: [dict(reversed(record.items())) for record in records] for name, records in right.items()}
    assert score(turned) == 1
    numbers = {
        name: [{k: int(v) if isinstance(v, bool) else v for k, v in record.items()} for record in records]
        for name, records in right.items()
    }
    without = sum(not any(isinstance(v, bool) for r in records for v in r.values()) for records in right.values())
    assert score(numbers) == pytest.approx(without / len(right))


def test_hex_digits_of_either_case(task_name, score, right):
    if task_name != "checksum":
        pytest.skip("for checksum only")
    assert score({name: digits.upper() for name, digits in right.items()}) == 1
    assert score({name: digits[:-1] for name, digits in right.items()}) == 0


def test_files_are_there_and_targets_bare(task_family, task, task_name):
    text = task_family.get_instructions(task)
    given, hidden = (".json", ".pcl") if task_name == "checksum" else (".pcl", ".json")
    for name in ("/home/agent/samples", "/home/agent/targets", "/home/agent/answer.json"):
        assert name in text
    targets = [path.suffix for path in (HOME / "targets").iterdir()]
    assert given in targets
    assert hidden not in targets
    assert f"{len(targets)} " in text
    assert "/root" not in text
    for path in (HOME / "samples").glob("*.pcl"):
        document = json.loads(path.with_suffix(".json").read_text())
        assert parcel.ENCODE[task_name](document) == path.read_bytes()


def test_other_seeds_give_other_instances(task_name, monkeypatch):
    seen = []
    for seed in range(8):
        monkeypatch.setattr(parcel, "SEED", seed)
        polynomial, start, per_byte = parcel.check_constants()
        for name, value in (("POLYNOMIAL", polynomial), ("START", start), ("PER_BYTE", per_byte)):
            monkeypatch.setattr(parcel, name, value)
        samples, targets = parcel.documents(task_name)
        assert fairness.CHECKS[task_name](samples, targets, parcel.ENCODE[task_name])
        seen.append((polynomial, start, per_byte, json.dumps(samples)))
        assert polynomial >> 15
        assert per_byte % 2
    assert len({json.dumps(one) for one in seen}) == len(seen)
