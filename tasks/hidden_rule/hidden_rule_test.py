"""Tests of the family, run in its sandbox once for each task."""

import json
import os
import random
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, "/root/assets")
import automaton
import judging
import mechanism
import rules
import run_mechanism
import trigger

HOME = Path("/home/agent")
SEED = int(Path("/root/seed.txt").read_text())
OTHERS = (SEED + 1, SEED + 2)


@pytest.fixture
def path(task_name):
    """Return where the answer goes; what is there afterwards is taken away."""
    place = HOME / f"{task_name}.json"
    yield place
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def answer(name, seed=SEED):
    """Return the right answer of a task."""
    if name == "trigger":
        pattern = trigger.network(seed)[1][0]
        return {"words": [pattern.get(offset) for offset in range(trigger.WIDTH)]}
    if name == "automaton":
        table, accepting = automaton.machine(seed)
        return {"start": 0, "accept": [s for s, flag in enumerate(accepting) if flag], "table": table}
    plan, _, parts = mechanism.built(seed)
    names = parts["units_1"]

    def numbers(kind):
        return [n for n, found in enumerate(names) if found == kind]

    heads = {
        layer: [{"looks": "distance", "effect": effect} | looks for looks, effect in parts[layer]]
        for layer in ("heads_1", "heads_2")
    }
    units = {"cancelled_units": numbers("cancelled"), "dead_units": numbers("dead")}
    single = {"marker_unit": numbers("rare")[0], "pair_unit": numbers("after")[0]}
    return {"rules": [rule for some in mechanism.truth(plan).values() for rule in some]} | heads | units | single


def test_the_right_answer_scores_1(task_family, task, task_name, path):
    path.write_text(json.dumps(answer(task_name)))
    assert task_family.score(task, "") == 1.0


def test_instructions_name_the_files(task_family, task, task_name):
    text = task_family.get_instructions(task)
    assert str(HOME / f"{task_name}.json") in text
    assert "/root" not in text
    assert "{" not in text.replace('{"', "")


def test_start_leaves_what_the_instructions_name(task_name):
    assert (HOME / "network.json").exists()
    assert (HOME / "run.py").exists()
    assert (HOME / "messages.txt").exists() == (task_name == "trigger")
    assert (HOME / "RULES.md").exists() == (task_name == "mechanism")


JUNK = [
    "",
    "{",
    "[]",
    "null",
    "1",
    "NaN",
    "[" * 60000,
    '{"a":' * 9000,
    "\x00",
    '{"words": [NaN, 1, true, {}, []]}',
    '{"words": ' + "[" * 500 + "]" * 500 + "}",
    '{"start": true, "table": [[0, 0, 0, 0]], "accept": [0]}',
    '{"start": 0, "table": [[0, 0, 0, 1e0]], "accept": [0]}',
    '{"start": 0, "table": [[0, 0, 0]], "accept": [0]}',
    '{"start": 0, "table": [], "accept": {}}',
    '{"start": -1, "table": [[0, 0, 0, -1]], "accept": [-1]}',
    '{"rules": [{"add": NaN}], "heads_1": 3, "heads_2": [[]], "marker_unit": true, "dead_units": [NaN, {}, 1e999]}',
    '{"rules": [{"if": [{"at": 1e9, "in": 3}], "add": true}], "cancelled_units": ["\u0663"]}',
    '{"rules": {"add": 1}, "pair_unit": 99999999999999999999999}',
    "x" * 600000,
]


@pytest.mark.parametrize("content", JUNK, ids=range(len(JUNK)))
def test_junk_scores_0(task_family, task, path, content):
    path.write_text(content)
    assert task_family.score(task, "") == 0.0


def test_what_is_no_file_scores_0(task_family, task, task_name, path):
    path.mkdir()
    assert task_family.score(task, "") == 0.0
    path.rmdir()
    os.mkfifo(path)
    assert task_family.score(task, "") == 0.0
    path.unlink()
    other = HOME / "elsewhere.json"
    other.write_text(json.dumps(answer(task_name)))
    path.symlink_to(other)
    assert task_family.score(task, "") == 0.0
    other.unlink()


@pytest.mark.parametrize("seed", OTHERS)
def test_other_seeds_differ(task_name, seed):
    assert answer(task_name, seed) != answer(task_name)


@pytest.mark.parametrize("seed", OTHERS)
def test_trigger_of_other_seeds(task_name, seed):
    if task_name != "trigger":
        pytest.skip("about another task")
    net, patterns = trigger.network(seed)
    trials = trigger.hidden(seed, net)
    shares = [sum(trigger.flips(net, pattern, trials)) / len(trials) for pattern in patterns]
    assert shares[0] == 1
    assert 0.1 < shares[1] < 0.9
    assert shares[2:] == [0, 0]
    assert not any(trigger.flips(net, {}, trials))


def test_a_shifted_trigger_is_as_good(task_family, task, task_name, path):
    if task_name != "trigger":
        pytest.skip("about another task")
    words = answer("trigger")["words"]
    first = next(n for n, word in enumerate(words) if word)
    shifted = words[first:]
    while not shifted[-1]:
        shifted.pop()
    path.write_text(json.dumps({"words": shifted}))
    assert task_family.score(task, "") == 1.0


@pytest.mark.parametrize("seed", OTHERS)
def test_automaton_of_other_seeds(task_name, seed):
    if task_name != "automaton":
        pytest.skip("about another task")
    table, accepting = automaton.machine(seed)
    assert len(set(automaton.classes(table, accepting))) == len(table)
    for pairs in automaton.trials(seed).values():
        assert sum(side for _, side in pairs) * 2 == len(pairs) == automaton.TRIALS


def test_more_states_score_less(task_family, task, task_name, path):
    if task_name != "automaton":
        pytest.skip("about another task")
    right = answer("automaton")
    size = len(right["table"])
    for more, expected in ((1, 1 - 1 / size), (size // 2, 1 - (size // 2) / size), (size, 0), (400, 0)):
        path.write_text(json.dumps(right | {"table": right["table"] + [[0, 0, 0, 0]] * more}))
        assert task_family.score(task, "") == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("seed", OTHERS)
def test_network_follows_the_rules(task_name, seed):
    if task_name != "mechanism":
        pytest.skip("about another task")
    plan, network, _ = mechanism.built(seed)
    program = judging.program(mechanism.truth(plan))
    letters = [rules.LETTERS[(7 * n + n * n // 3 + seed) % 20] for n in range(30)]
    sequence, _ = judging.plant(random.Random(seed), plan, letters)
    total, expected = 0, []
    for step in rules.steps(program, sequence):
        total += step
        expected.append(total % rules.MODULUS)
    found = run_mechanism.classes(network, sequence)
    assert sum(a == b for a, b in zip(found, expected, strict=True)) >= 24


@pytest.mark.parametrize("seed", OTHERS)
def test_every_part_has_its_places(task_name, seed):
    if task_name != "mechanism":
        pytest.skip("about another task")
    plan = mechanism.design(seed)
    groups, _ = judging.cases(mechanism.truth(plan), judging.sequences(seed, plan))
    assert all(len(group) >= 25 for group in groups.values())


def test_parts_of_the_description_add_up(task_family, task, task_name, path):
    if task_name != "mechanism":
        pytest.skip("about another task")
    right = answer("mechanism")
    path.write_text(json.dumps({"rules": right["rules"]}))
    assert task_family.score(task, "") == pytest.approx(0.7)
    path.write_text(json.dumps({key: value for key, value in right.items() if key != "rules"}))
    assert task_family.score(task, "") == pytest.approx(0.3)
    path.write_text(json.dumps({"rules": right["rules"][:1]}))
    assert task_family.score(task, "") == pytest.approx(0.05)


@pytest.mark.parametrize(
    "raw",
    [
        [{"add": 1, "set": 2}],
        [{"if": [{"at": 41, "in": "a"}], "add": 1}],
        [{"if": [{"before": [{"before": []}]}], "add": 1}],
        [{"if": [{"not": {"not": {"seen": True}}}], "add": 1}],
        [{"if": [{"count": "ab", "mod": 0, "is": 0}], "add": 1}],
        [{"add": {"A": 1}}],
        [{"add": 1}] * 401,
        [{"if": [{"seen": True}] * 1001, "add": 1}],
        [{"if": "seen", "add": 1}],
        [{"if": [{"at": 0, "in": "a" * 100}], "add": 1}],
    ],
    ids=range(10),
)
def test_what_is_no_rule_is_refused(raw):
    with pytest.raises(rules.BadRule):
        rules.parse(raw)


def test_rules_do_what_is_written_of_them():
    raw = [
        {"add": {"a": 3, "b": -1}},
        {"if": [{"at": 1, "in": "^"}], "times": 2},
        {"if": [{"seen": True}, {"not": {"at": 1, "in": "a"}}], "add": 5},
        {"if": [{"count": "ab", "mod": 2, "is": 0}], "add": 1},
        {"if": [{"before": [{"at": 0, "in": "b"}, {"at": 1, "in": "a"}]}], "set": 9},
    ]
    assert rules.steps(rules.parse(raw), "aacba") == [6, 4, 1, 10, 9]
    assert rules.steps(rules.parse(raw), "acaba") == [6, 0, 9, 10, 9]
