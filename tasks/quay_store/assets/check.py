"""A small check of store.py: some calls, and some crashes in a few commits."""

import random

import quay
import store

rng = random.Random(1)
device = quay.Device()
opened = store.create(device)
opened.commit([(b"a", b"1"), (b"b", b"2")])
opened.keep("first")
opened.commit([(b"a", None), (b"c", b"3")])
assert opened.scan(b"", b"z") == [(b"b", b"2"), (b"c", b"3")]
assert opened.get(b"a", "first") == b"1"
one = opened.begin()
one.put(b"b", b"22")
opened.commit([(b"b", b"2")])
assert one.commit() is False
opened.close()
opened = store.open(quay.Device(content=device.lasting))
assert opened.kept() == ["first"]
print("calls: right")

wrong = 0
for number in range(200):
    device = quay.Device()
    opened = store.create(device)
    for commit in range(1 + number % 3):
        opened.commit([(b"n", b"%d" % commit), (b"x" * 20, bytes([commit]) * 300)])

    class Crash(Exception):
        """Ends a commit at its end or at a flush."""

    def flush(device=device, plain=device.flush):
        if rng.randrange(2):
            raise Crash
        plain()

    device.flush = flush
    before = opened.scan(b"", b"z")
    try:
        opened.commit([(b"n", b"new"), (b"x" * 20, b"new" * 100)])
        allowed = []
    except Crash:
        allowed = [before]
    try:
        after = store.open(quay.Device(content=quay.crashed(device.lasting, device.pending, rng))).scan(b"", b"z")
    except Exception as fault:  # noqa: BLE001 - it may be anything
        after = fault
    wrong += after not in [*allowed, [(b"n", b"new"), (b"x" * 20, b"new" * 100)]]
print(f"crashes: {wrong} of 200 wrong")
