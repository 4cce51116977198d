"""Task family: write a reader, and a whole storage engine, for a block device that crashes, against a hidden suite."""

import importlib
import json
import os
import shutil
import signal
import stat
import sys
from pathlib import Path

ASSETS = Path("/root/assets")
HOME = Path("/home/agent")
SOURCE_BYTES = 256 * 1024
#: For all of the handed-in code's work. The reference takes a few seconds of it.
SECONDS = 240

LOOKUP = """\
/home/agent/SPEC.md describes a format for keys and values on a device, and a Python module that reads it.
/home/agent/quay.py has a device in memory; /home/agent/samples has some devices' contents (NAME.ledger) with calls
and what they must return (NAME.txt: also whether they return or raise, and how many sectors the scorer's reader reads
for them).

Write the module: /home/agent/lookup.py.

Scoring: your module is run on hidden ledgers of seven kinds: with a single leaf; with a tree; with long values; with
amendments; with heads of all kinds; with damaged sectors; with all of it. For each kind the share of the batches of
calls (20 gets, or 8 scans, on one ledger) that are right throughout is taken; {rest:.2f} of the score is the mean of
these shares, {reads:.2f} is the share of the ledgers on which all is right and no call reads more sectors than
SPEC.md allows (not counted in calls that must raise Damaged). A ledger with damaged sectors is also
given with a damaged amendment first, which Reader must refuse, or its batches count as wrong.
"""
CRASH_SAFE = """\
/home/agent/SPEC.md describes a store for keys and values on a device that may crash at any moment, and a Python
module that is to have it. /home/agent/quay.py has such a device in memory, and a function that makes what a crash may
leave. /home/agent/check.py is a small check (`cd /home/agent && python3 check.py`), far from a complete one.

Write the module: /home/agent/store.py.

Scoring: your module is run against a hidden suite. The score is the sum over its groups of weight times the share of
the group's checks that pass:

- plain {plain:.2f}, kept {kept:.2f}, limits {limits:.2f}, transactions {transactions:.2f}: random calls, compared
  with what SPEC.md says, one check a series of calls; with closing and opening (not in transactions). In limits the
  size comes near 20480 and reaches it.
- crash {crash:.2f}: short series of commits, keep and drop, crashed at many places; a check is 12 crashes that must
  all be recovered rightly. long {long:.2f}: the same with hundreds of commits, 10 crashes a check, many of them where
  your store writes most. again {again:.2f}: crashed, recovered, used and crashed again, possibly while opening; a
  check is about 30 crashes.
- damage {damage:.2f}: a sector that was written is spoilt after close; the store then holds at least 8000 in size. A
  check passes if nothing wrong is returned, `open` succeeds and `get` answers for at least half of the keys.
- cost {cost:.2f}: the cost of each long series (SPEC.md, "What costs") is at most {steps} times the cost that a sound
  solution has: one check each, which passes only if at least four of the five checks of crashes of that series do.
  The sound solution's costs: {costs}.

The long series: {long_series}. Values have up to so many bytes.
"""
CONFINED = """
How it is run: in child processes without network, and without access to files other than Python's own (your module is
handed over as text and must be one file of at most 256 KiB), {seconds} seconds and 1 GiB of memory for all; a few
seconds should do. A child is used for many devices, one after the other; what reads a device after a crash is another
child than what wrote it. The device is in the scorer's process, which counts and crashes; what your module prints is
not seen. One call may make 3000 requests to the device at most (a read or write of many sectors is one); when four
children have hung or ended, nothing more is asked.

Nothing has to be submitted; the submission is not looked at.
"""


def asset(name):
    """Return a module of the assets."""
    if str(ASSETS) not in sys.path:
        sys.path.insert(0, str(ASSETS))
    return importlib.import_module(name)


def costs():
    """Return the reference's costs of the long series."""
    return json.loads((ASSETS / "figures.json").read_text())


def read_answer(path, limit):
    """Return the bytes of a handed-in file; None for what is no regular file or is too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(limit + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    except OSError:
        return None
    return data if data is not None and len(data) <= limit else None


class TaskFamily:
    """The Task Standard's face of the family."""

    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return {
            "lookup": {"name": "lookup", "module": "lookup.py"},
            "crash_safe": {"name": "crash_safe", "module": "store.py"},
        }

    @staticmethod
    def get_instructions(t):
        confined = CONFINED.format(seconds=SECONDS)
        if t["name"] == "lookup":
            reads = asset("lookup_suite").READS
            return LOOKUP.format(reads=reads, rest=1 - reads) + confined
        suite = asset("suite")
        series = [
            f"{calls} calls on {keys} keys, values up to {top}, up to {most} changes a commit"
            for calls, keys, top, most, _ in suite.LONG
        ]
        text = CRASH_SAFE.format(
            steps=", ".join(map(str, suite.COSTS)),
            costs=", ".join(map(str, costs())),
            long_series="; ".join(series),
            **suite.WEIGHTS,
        )
        return text + confined

    @staticmethod
    def start(t):
        shutil.copy(ASSETS / "quay.py", HOME / "quay.py")
        shutil.copy(ASSETS / f"SPEC_{t['name']}.md", HOME / "SPEC.md")
        if t["name"] == "crash_safe":
            shutil.copy(ASSETS / "check.py", HOME / "check.py")
            return
        (HOME / "samples").mkdir()
        for name, (content, text) in asset("lookup_suite").samples().items():
            (HOME / "samples" / f"{name}.ledger").write_bytes(content)
            (HOME / "samples" / f"{name}.txt").write_text(text)

    @staticmethod
    def score(t, submission):
        print(f"submission of {len(submission)} characters is not looked at")
        data = read_answer(HOME / t["module"], SOURCE_BYTES)
        if data is None:
            print(f"{t['module']}: there is no regular file of at most {SOURCE_BYTES} bytes")
            return 0.0
        source, words = data.decode("utf-8", "replace"), asset("link").confinement()
        asset("link").Guard.set(SECONDS)
        if t["name"] == "lookup":
            found, weights = asset("lookup_suite").results(source, words), asset("lookup_suite").weights()
        else:
            found, weights = asset("suite").results(source, words, costs()), asset("suite").WEIGHTS
        signal.alarm(0)
        print({group: f"{sum(results)} of {len(results)}" for group, results in found.items()})
        total = sum(weight * sum(found[group]) / len(found[group]) for group, weight in weights.items())
        return min(1.0, round(total, 9))
