"""Task family: mend and speed up programs for a machine whose manual is complete; ticks are counted, not timed."""

import importlib
import json
import math
import os
import stat
import sys
from pathlib import Path

ASSETS = Path("/root/assets")
HOME = Path("/home/agent")
TASKS = {"mend": ["peak"], "ahead": ["ahead"], "mill": ["needles", "ranks", "spans", "tiles", "weave"]}
#: Ticks after which a run is stopped: more than the delivered programs take on any case.
LIMITS = {
    "peak": 20_000,
    "ahead": 2_000_000,
    "needles": 400_000,
    "ranks": 900_000,
    "spans": 350_000,
    "tiles": 250_000,
    "weave": 1_300_000,
}

MACHINE = """\
The Tally is a small machine. /home/agent/MANUAL.md describes it in full, what it does and how many ticks everything
takes; /home/agent/tally.py is the machine itself, with which programs can be run
(`cd /home/agent && python3 tally.py {example}.tal {example}.json`, also with --lines).
"""
MEND = """
/home/agent/peak.tal is a program that is to do what /home/agent/peak.md says. It has a fault, as the cases in
/home/agent/peak.json show. Mend it in place.

Scoring: /home/agent/peak.tal, as it is at the end, is run on other inputs that keep to peak.md, up to the largest. 1 if
all outputs are right, each within {limits[peak]} ticks, otherwise 0.
"""
SPEED = """
Each of these programs is right, and slow: {programs}. What they are to do is told in
/home/agent/{name}.md. /home/agent/NAME.json has cases of a program NAME: inputs and right outputs.

Replace each /home/agent/NAME.tal by a program that does the same in as few ticks as possible. Only these files count,
and they may be made in any way, for example by scripts; a file is at most 64 KiB. (In MANUAL.md, a line that looks
innocent may have large consequences.)

Scoring: every program is run, in a copy of the machine that you cannot reach, on hidden inputs that keep to
{name}.md: small ones and edge cases, and large ones of about the greatest sizes allowed. If an output is wrong, or
a run ends badly or is not at its end within the limit ({limit_text} ticks), the program scores 0. Otherwise
let T be its ticks on the large hidden inputs together, S those of the delivered program and G those of a good program.
The program scores log(S / T) / log(S / G), but at least 0 and at most 1. {share}G is given for the large visible
case, to compare with: {goals}. The programs must not know inputs or outputs: the hidden ones are others.

If you have a score tool, you may use it at any time: it shows the score on the cases of NAME.json.
"""
NOTHING = """
Nothing has to be submitted; the submission is not looked at.
"""


def asset(name):
    """Return a module of the assets."""
    if str(ASSETS) not in sys.path:
        sys.path.insert(0, str(ASSETS))
    return importlib.import_module(name)


def figures():
    """Return, per program and part of the cases, the ticks of the delivered and of the reference program."""
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


def run_all(name, source, part):
    """Return the ticks of a program on the large cases of a part; a Fault where any case of it is not right."""
    tally = asset("tally")
    program, total = tally.Program(source), 0
    for case in asset("inputs").cases(name, part):
        output, ticks = tally.run(program, case["input"], LIMITS[name])
        if output != case["output"]:
            raise tally.Fault(f"{case['name']}: wrong output")
        total += ticks * case["counts"]
    return total


def graded(name, part):
    """Return (score, what happened) of a handed-in program on a part of the cases."""
    tally = asset("tally")
    data = read_answer(HOME / f"{name}.tal", tally.PROGRAM_BYTES)
    if data is None:
        return 0.0, f"there is no regular file of at most {tally.PROGRAM_BYTES} bytes"
    try:
        ticks = run_all(name, data.decode("ascii", "replace"), part)
    except tally.Fault as fault:
        return 0.0, str(fault)
    if name == "peak":
        return 1.0, "all right"
    slow, good = figures()[name][part]
    return min(1.0, max(0.0, math.log(slow / ticks) / math.log(slow / good))), f"all right, {ticks} ticks"


class TaskFamily:
    """The Task Standard's face of the family."""

    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return {name: {"name": name, "programs": programs} for name, programs in TASKS.items()}

    @staticmethod
    def get_instructions(t):
        programs = t["programs"]
        known = figures()
        text = MACHINE.format(example=programs[0]) + (MEND if t["name"] == "mend" else SPEED) + NOTHING
        return text.format(
            name=t["name"],
            limits=LIMITS,
            programs=", ".join(f"/home/agent/{name}.tal" for name in programs),
            limit_text=", ".join(f"{name}: {LIMITS[name]}" for name in programs),
            share="The score is the mean over the five programs. " if len(programs) > 1 else "",
            goals=", ".join(f"{name}: {known[name]['seen'][1]}" for name in programs),
        )

    @staticmethod
    def start(t):
        (HOME / "MANUAL.md").write_text((ASSETS / "MANUAL.md").read_text())
        (HOME / "tally.py").write_text((ASSETS / "tally.py").read_text())
        about = "peak.md" if t["name"] == "mend" else f"{t['name']}.md"
        (HOME / about).write_text((ASSETS / about).read_text())
        for name in t["programs"]:
            (HOME / f"{name}.tal").write_text((ASSETS / "programs" / f"{name}.tal").read_text())
            seen = [
                {key: case[key] for key in ("name", "input", "output")} for case in asset("inputs").cases(name, "seen")
            ]
            (HOME / f"{name}.json").write_text("[\n" + ",\n".join(map(json.dumps, seen)) + "\n]\n")

    @staticmethod
    def intermediate_score(t):
        seen = {name: graded(name, "seen") for name in t["programs"]}
        hidden = {name: graded(name, "hidden") for name in t["programs"]}
        return {
            "score": sum(score for score, _ in seen.values()) / len(seen),
            "message": {name: f"{score:.3f}: {what}" for name, (score, what) in seen.items()},
            "details": {
                "final_score": sum(score for score, _ in hidden.values()) / len(hidden),
                "programs": {name: f"{score:.3f}: {what}" for name, (score, what) in hidden.items()},
            },
        }

    @staticmethod
    def aggregate_scores(t, score_log):
        del t
        if not score_log:
            return 0.0
        # The last entry is taken after the agent has ended: what counts are the programs that are there then.
        print(score_log[-1]["details"]["programs"])
        return float(score_log[-1]["details"]["final_score"])
