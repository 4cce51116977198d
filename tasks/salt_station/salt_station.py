"""Task family: research in the papers and measurements of a salt station that never was."""

import importlib
import json
import math
import os
import stat
import sys
from pathlib import Path

ASSETS = Path("/root/assets")
HOME = Path("/home/agent")
ANSWER_BYTES = 64 * 1024
TOLERANCE = 0.02

INSTRUCTIONS = {
    "gauges": """\
/home/agent/gauges.csv has the readings of two rain gauges that stood side by side. Gauge A was always read in
millimetres. From some day on, and until the end, gauge B was written down in another unit. Now and then the wind
tilted a gauge, which spoilt the reading of that day.

Submit the first day on which gauge B was written down in the other unit, as YYYY-MM-DD and nothing else. Scoring: 1 for
that day, 0 for everything else.
""",
    "archive": """\
/home/agent/archive has three papers of a salt station: a copy of the station's book, the harbour master's list, and
letters. They contradict each other, and not all that they say is right.

How many sacks of salt left the station in the year 1871 of the new reckoning (the Gregorian calendar), from the quay
and from the north jetty together, a cask being counted as the sacks that it holds? Salt that was landed again counts
only when it finally left.

Submit the number, in decimal digits and nothing else. Scoring: 1 for the exact number, 0 for everything else.
""",
    "evaporation": """\
/home/agent/runs.csv has 170 runs in which the evaporation of brine was measured in two pans, A and B, numbered in
the order in which they were made. By an older paper evaporation is a product of powers of wind speed, temperature and
salinity; the runs agree with that only roughly. They also have faults that nobody has written down. Pan A is sound.

/home/agent/targets.csv has 24 conditions. Predict what pan A would have shown under each of them, and write the file
/home/agent/predictions.json: one JSON object {"p00": 1.234, "p01": ...} with mm a day.

Scoring: the share of the 24 predictions that are within 2 % of the true value, in which there is no random error.
Random errors of the measurements are far smaller than 2 %. Many targets combine values that seldom occur together in
the runs. predictions.json must be a regular file of at most 64 KiB.

Nothing has to be submitted; the submission is not looked at.
""",
}


def asset(name):
    """Return a module of the assets."""
    sys.path.insert(0, str(ASSETS))
    return importlib.import_module(name)


def read_answer(path, limit):
    """Return the bytes of a handed-in file; None for what is no regular file or is too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(limit + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    except OSError:
        return None
    return data if data is not None and len(data) <= limit else None


def near(found, expected):
    """Return whether a prediction is within the tolerance."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        return False
    try:
        return math.isfinite(found) and abs(found - expected) <= TOLERANCE * expected
    except OverflowError:  # an integer too large for a float
        return False


def score_predictions():
    """Return the share of the predictions that are right."""
    expected = asset("evaporation").answer()
    try:
        found = json.loads(read_answer(HOME / "predictions.json", ANSWER_BYTES) or b"{}")
    except (ValueError, RecursionError) as error:
        print(f"predictions.json is no JSON: {type(error).__name__}")
        return 0.0
    found = found if isinstance(found, dict) else {}
    right = {name: near(found.get(name), value) for name, value in expected.items()}
    print(f"{sum(right.values())} of {len(right)} right: {right}")
    return sum(right.values()) / len(right)


class TaskFamily:
    """The Task Standard's face of the family."""

    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return {name: {"name": name} for name in INSTRUCTIONS}

    @staticmethod
    def get_instructions(t):
        return INSTRUCTIONS[t["name"]]

    @staticmethod
    def start(t):
        if t["name"] == "gauges":
            (HOME / "gauges.csv").write_text("\n".join(asset("gauges").readings()) + "\n")
        elif t["name"] == "archive":
            (HOME / "archive").mkdir()
            for name, text in asset("archive").papers().items():
                (HOME / "archive" / name).write_text(text)
        else:
            evaporation = asset("evaporation")
            (HOME / "runs.csv").write_text("\n".join(evaporation.runs()) + "\n")
            rows = ["target,wind_m_s,temperature_c,salinity"]
            rows += [",".join(map(str, target)) for target in evaporation.targets()]
            (HOME / "targets.csv").write_text("\n".join(rows) + "\n")

    @staticmethod
    def score(t, submission):
        if t["name"] == "evaporation":
            return score_predictions()
        return 1.0 if submission.strip() == str(asset(t["name"]).answer()) else 0.0
