"""Tests of the scorer and the generator, run in the sandbox as root, once for each task."""

import contextlib
import json
import math
import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, "/root/assets")

import model as models
import source

HOME = Path("/home/agent")
FILE = HOME / "model.json"
LETTERS = {"kind": "table", "key": 0, "rows": {"0": [0.9, {"a": 1, "e": 1}]}}


@pytest.fixture(autouse=True)
def clean():
    """Take away what a test has handed in."""
    yield
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(FILE) if FILE.is_dir() and not FILE.is_symlink() else FILE.unlink()


def final(task_family, task):
    """Return the final score, and check that the steps before it hold together."""
    result = task_family.intermediate_score(task)
    json.dumps(result["message"])
    score = task_family.aggregate_scores(task, [result])
    assert 0 <= score <= 1
    return score


def pairs(task_name, order):
    """Return the parts of an n-gram model without any budget."""
    parts = []
    for size in range(order + 1):
        counts = {}
        for sheet in source.sheets(task_name, "train"):
            for place in range(size, len(sheet)):
                key = 0
                for character in sheet[place - size : place]:
                    key = key * 64 + models.CODES[character]
                row = counts.setdefault(str(key), {})
                row[sheet[place]] = row.get(sheet[place], 0) + 1
        rows = {key: [0.9, row] for key, row in counts.items()}
        parts.append({"kind": "table", "key": ["last", size] if size else 0, "rows": rows})
    return parts


def test_a_better_model_scores_more(task_family, task, task_name):
    scores = []
    for order in (0, 1, 2):
        FILE.write_text(json.dumps({"parts": pairs(task_name, order)}))
        scores.append(final(task_family, {**task, "cost": 10**6, "zero": 6.0}))
    assert 0 < scores[0] < scores[1] < scores[2] < 1


def test_the_budget_is_a_limit(task_family, task, task_name):
    FILE.write_text(json.dumps({"parts": pairs(task_name, 3)}))
    assert models.Model(FILE.read_bytes()).cost > task["cost"]
    assert final(task_family, task) == 0


@pytest.mark.parametrize(
    "junk",
    [
        "", "{", "[]", "null", "7", "[" * 100_000, '{"parts": ' + "[" * 5000, "\x00\xff", '{"parts": 3}',
        '{"extra": 1}',
        '{"parts": [{"kind": "table", "key": 0, "rows": {"0": [NaN, {"a": 1}]}}]}',
        '{"parts": [{"kind": "table", "key": 0, "rows": {"0": [0.5, {"a": Infinity}]}}]}',
        '{"parts": [{"kind": "table", "key": 0, "rows": {"0": [true, {"a": 1}]}}]}',
        '{"parts": [{"kind": "table", "key": 0, "rows": {"0": [1.5, {"a": 1}]}}]}',
        '{"parts": [{"kind": "table", "key": 0, "rows": {"0": [0.9, {"a": 1, "b": -1}]}}]}',
        '{"parts": [{"kind": "table", "key": 0, "rows": {"0": [0.9, {"a": 5e-324}]}}]}',
        '{"parts": [{"kind": "table", "key": 0, "rows": {"0": [0.9, {"ab": 1}]}}]}',
        '{"parts": [{"kind": "table", "key": 0, "rows": {"٣": [0.9, {"a": 1}]}}]}',
        '{"parts": [{"kind": "table", "key": true, "rows": {}}]}',
        '{"parts": [{"kind": "table", "key": 1.0, "rows": {}}]}',
        '{"parts": [{"kind": "table", "key": ["pow", 9, 9], "rows": {}}]}',
        '{"parts": [{"kind": "table", "key": ["+", 9], "rows": {}}]}',
        '{"parts": [{"kind": "table", "key": ["last", 8], "rows": {}}]}',
        '{"parts": [{"kind": "table", "key": ["map", [], 8], "rows": {}}]}',
        '{"parts": [{"kind": [], "key": 0}]}',
        '{"parts": [{"kind": "say", "value": "n", "weight": 0.5}]}',
        '{"parts": [{"kind": "recall", "key": 1, "weights": []}]}',
        '{"parts": [{"kind": "recall", "key": 1, "weights": [1]}]}',
        '{"parts": [], "registers": [{"name": ["a"], "next": 0}]}',
        '{"parts": [], "registers": [{"name": "a", "next": 0}, {"name": "a", "next": 0}]}',
        '{"parts": [], "maps": {"m": {"rows": {"1": 70000}}}}',
        "{}" + " " * 400_000,
        '{"parts": [{"kind": "say", "weight": 0.5, "value": ' + '["not", ' * 400 + "1" + "]" * 400 + "}]}",
        '{"parts": [{"kind": "say", "weight": 0.5, "value": ' + "9" * 300_000 + "}]}",
    ],
)  # fmt: skip
def test_junk_scores_nothing(task_family, task, junk):
    FILE.write_text(junk)
    assert final(task_family, {**task, "zero": 99.0}) == 0


def test_no_regular_file_scores_nothing(task_family, task):
    assert final(task_family, task) == 0
    FILE.symlink_to("/root/assets/source.py")
    assert final(task_family, task) == 0
    FILE.unlink()
    os.mkfifo(FILE)
    assert final(task_family, task) == 0
    FILE.unlink()
    FILE.mkdir()
    assert final(task_family, task) == 0


def test_probabilities_have_the_sum_one():
    registers = [
        {"name": "n", "start": -3, "next": ["+", "n", 1]},
        {"name": "wild", "next": ["-", ["*", ["*", "wild", 65535], 65535], ["//", ["last", 7], ["%", "n", 3]]]},
    ]
    parts = [
        LETTERS,
        {"kind": "recall", "key": ["last", 1], "weights": [0.3, 0.9]},
        {"kind": "say", "value": ["ch", ["%", "wild", 9]], "weight": 0.4},
        {"kind": "table", "key": ["map", "m", ["ch", 1]], "rows": {"-2": [0.9999, {"b": 1e9, "\n": 1e-9}]}},
    ]
    maps = {"m": {"default": -1, "rows": {"3": -2}}}
    model = models.Model(json.dumps({"maps": maps, "registers": registers, "parts": parts}))
    for text in ("", "a", "abca", "abcabcab\n=", "@'banana 'bana "):
        whole = sum(2 ** -(model.bits(text + c) - model.bits(text)) for c in models.ALPHABET)
        assert math.isclose(whole, 1, rel_tol=1e-9)


def test_the_largest_expressions_are_bounded(task_name):
    deep = "n"
    for _ in range(14):
        deep = ["*", ["-", deep, 7], 65535]
    parts = [{"kind": "say", "value": ["//", deep, 3], "weight": 0.5} for _ in range(7)]
    model = models.Model(json.dumps({"registers": [{"name": "n", "start": 2**31, "next": deep}], "parts": parts}))
    assert model.nodes > 450
    assert model.bits(source.sheets(task_name, "seen")[0]) > 0
    with pytest.raises(models.BadModel):
        models.Model(json.dumps({"parts": [{"kind": "say", "value": ["not", ["not", deep]] * 2, "weight": 0.5}]}))
    with pytest.raises(models.BadModel):
        models.Model(json.dumps({"parts": parts + parts}))


def test_what_a_model_costs():
    registers = [{"name": "n", "next": ["if", ["in", ["ch", 1], "abc"], 0, "n"]}]
    maps = {"m": {"rows": {"1": 2, "3": 4}}}
    # map 1 + 4, register 1, its nodes 6 + 3, table 1 + 1 (key) + 1 + 2 (row)
    assert models.Model(json.dumps({"maps": maps, "registers": registers, "parts": [LETTERS]})).cost == 20


def test_held_back_sheets_are_new(task_name):
    train, valid = source.sheets(task_name, "train"), source.sheets(task_name, "valid")
    held = source.sheets(task_name, "seen") + source.sheets(task_name, "final")
    assert not set(train) & set(held)
    assert len(set(train) & set(valid)) == 34
    assert len(valid) == 40
    persons = {word for sheet in train for word in sheet.split("\n")[0].split()}
    assert not persons & {word for sheet in held for word in sheet.split("\n")[0].split()}
    assert set("".join(train + held)) <= set(models.ALPHABET)
    assert 200_000 < sum(map(len, train)) < 400_000


def test_handed_out_files(task_family, task, task_name):
    sheets = models.split((HOME / "train.txt").read_text())
    assert sheets == source.sheets(task_name, "train")
    assert models.split((HOME / "valid.txt").read_text()) == source.sheets(task_name, "valid")
    instructions = task_family.get_instructions(task)
    for name in ("train.txt", "valid.txt", "model.json", "model.py", "baseline.py", "FORMAT.md", str(task["cost"])):
        assert name in instructions
    assert "/root" not in instructions
