"""Tests of the family in METR's form: run in the sandbox as root, once for every task."""

import os
import random
import shutil
import sys
from pathlib import Path

import pytest

HOME = Path("/home/agent")


@pytest.fixture
def module(task):
    """The path of the module to be handed in, removed afterwards."""
    path = HOME / task["module"]
    yield path
    clear(path)


def clear(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def asset(name):
    sys.path.insert(0, "/root/assets")
    return __import__(name)


#: A store that is right as long as it stays in memory.
FLEETING = """
class Full(Exception): pass
class Damaged(Exception): pass
def create(device): return Store()
def open(device): return Store()
class Store:
    def __init__(self): self.data = {}
    def get(self, key): return self.data.get(key)
    def scan(self, low, high): return sorted(pair for pair in self.data.items() if low <= pair[0] < high)
    def commit(self, changes):
        for key, value in changes:
            self.data.pop(key, None) if value is None else self.data.__setitem__(key, value)
    def kept(self): return []
    def close(self): pass
"""


def test_untouched(task_family, task):
    assert task_family.score(task, "") == 0


def test_instructions_name_the_files(task_family, task):
    text = task_family.get_instructions(task)
    assert f"/home/agent/{task['module']}" in text
    assert "/root" not in text
    assert (HOME / "SPEC.md").is_file()
    assert (HOME / "quay.py").is_file()


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\xff\x00" * 100,
        b"raise SystemExit(0)\n",
        b"import os\nos._exit(0)\n",
        b"import os\nos.write(1, b'A' * 100000)\nos.write(3, b'\\xff' * 9)\n",
        b"def open(d): return open(d)\ncreate = Reader = open\n",
        b"create = open = Reader = lambda device: device.write(0, bytes(128))\n",
        b"def create(device):\n    while True: device.read(0)\nopen = Reader = create\n",
        b"class Odd(BaseException): pass\ndef create(device): raise Odd\nopen = Reader = create\n",
    ],
)
def test_junk(task_family, task, module, junk):
    module.write_bytes(junk)
    assert task_family.score(task, "") == 0


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "zero", "huge"])
def test_no_regular_file(task_family, task, module, kind):
    if kind == "link":
        module.symlink_to("/root/assets/quay.py")
    elif kind == "fifo":
        os.mkfifo(module)
    elif kind == "folder":
        module.mkdir()
    elif kind == "zero":
        module.symlink_to("/dev/zero")
    else:
        module.write_bytes(b"#" * 300_000)
    assert task_family.score(task, "") == 0


def test_store_in_memory_scores_little(task_family, task_name, task, module):
    if task_name != "crash_safe":
        pytest.skip("a store is what crash_safe is about")
    module.write_text(FLEETING)
    assert task_family.score(task, "") < 0.05


def test_ledgers_hold_what_was_written(task_name):
    if task_name != "lookup":
        pytest.skip("ledgers are what lookup is about")
    ledger, quay = asset("ledger"), asset("quay")
    for number in range(30):
        rng = random.Random(number)
        pairs = ledger.some_pairs(rng, rng.choice((0, 1, 3, 60, 150)), True)
        writer = ledger.Writer(rng, 600)
        root, height = writer.tree(pairs, rng.choice((60, 90, 120)))
        changes = ledger.some_changes(rng, pairs, 20) if pairs else []
        writer.head(0, 1, root, height, writer.amendments(changes))
        held = dict(pairs)
        for kind, first, second in changes:
            if kind == 3:
                gone = [key for key in held if ledger.rank(first) <= ledger.rank(key) < ledger.rank(second)]
                held = {key: value for key, value in held.items() if key not in gone}
            else:
                held.pop(first, None)
                held |= {first: second} if kind == 1 else {}
        reader = ledger.Reader(quay.Device(600, writer.content()))
        due = sorted(held.items(), key=lambda pair: ledger.rank(pair[0]))
        assert reader.scan(b"", b"\xff" * 20) == due
        for key, value in due:
            assert reader.get(key) == value
        for key, value in due[10:20]:
            assert reader.scan(key, due[-1][0])[:1] in ([(key, value)], [])


def test_crashes_do_what_the_specification_says(task_name):
    if task_name != "crash_safe":
        pytest.skip("crashes are what crash_safe is about")
    quay = asset("quay")
    old, seen = bytes(128) * 4, set()
    pending = [(1, b"a" * 128), (2, b"b" * 128), (1, b"c" * 128)]
    for number in range(300):
        content = quay.crashed(old, pending, random.Random(number))
        assert content[:128] == content[384:] == bytes(128)
        seen.add(content[128:144] + content[256:257])
    assert {bytes(16), b"a" * 16, b"c" * 16} <= {item[:16] for item in seen}
    assert quay.crashed(old, [], random.Random(1)) == old


def test_model_and_calls(task_name):
    if task_name != "crash_safe":
        pytest.skip("the model is of crash_safe")
    models, suite = asset("model"), asset("suite")
    calls, states = models.calls(random.Random(1), models.Model(), *suite.LONG[2])
    model = models.Model()
    for call, state in zip(calls, states[1:], strict=True):
        assert model.apply(call) is None
        assert model.dump() == state
        assert model.size() <= models.LIMIT
    assert (
        max(sum(len(key) + len(value or b"") for key, value in given) for what, given in calls if what == "commit")
        <= 4096
    )
    assert abs(sum(suite.WEIGHTS.values()) - 1) < 1e-9
