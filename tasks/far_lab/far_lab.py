"""Task family: find the law of an invented world through experiments, and predict what was not measured."""

import importlib
import json
import math
import os
import shutil
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

ASSETS = Path("/root/assets")
HOME = Path("/home/agent")
ADDRESS = ("127.0.0.1", 8619)
ANSWER_BYTES = 1024 * 1024

INSTRUCTIONS = """\
A laboratory listens on 127.0.0.1, port {port} (TCP). A request is one line with the settings of an experiment, an
object in JSON; the reply is one line with what was seen, or with an error (errors cost nothing).
`python3 /home/agent/ask.py '{example}'` makes one experiment, and so may programs of your own. What is
seen has a small random error. The same settings again give the same reply and are not counted. {{"ask": "left"}} tells
what is left of the budget.

{about}
/home/agent/conditions.json has {count} conditions for which predictions are wanted; the laboratory cannot be brought
into them. The law behind the experiments holds in them too. It is an invented one: do not rely on what you know of
nature.

Write your predictions into /home/agent/answer.json, an object in JSON with the names of the conditions as they are in
conditions.json: {{"00": [number, ...], "01": [...], ...}}. {asked}

Scoring: for each condition the error is the distance of your numbers from the true ones (without random errors), in
parts of {parts}. {levels} The score is the mean over the {scored} conditions{practice}.

Python 3 and its standard library are there. Nothing has to be submitted; the submission is not looked at.
"""
PULLEY = """\
A load goes down on a rope over a pulley. Settings are `load` and `drop`, numbers from 1 to 8; the laboratory measures
the `time` that it takes. You may make 12 experiments.
"""
DAMPING = """\
A sled comes to rest in a bath. Settings are `speed` (its speed at the beginning, 0.5 to 14), `load` (1 to 5; its mass)
and `fill` (of the bath, 0.2 to 1.5); the laboratory measures the `way` to where it stands still. The budget is 60: a
run with a speed up to 5 takes 1 of it, a faster one needs the long hall and takes 2.
"""
FAR_FIELD = """\
The world is a table with two posts, at (0, 1) and (7, -4), and a lamp at (-7, -5). There may be other things around
that nobody has seen. Pellets are of four kinds, `amber`, `bone`, `clay` and `dusk`. There are four experiments, and you
may make 200 of them in all:

- {"do": "hold", "pellet": "amber", "x": 1, "y": 3, "lamp": 0, "time": 0}: a pellet is held at (x, y), both from -6 to
  6. A lamp is lit at time 0, with a brightness `lamp` from 0 (none) to 3. Seen is the force on the pellet at `time`,
  from 0 to 8: `fx` and `fy`.
- {"do": "fly", "pellet": "amber", "x": 1, "y": 3, "vx": 0, "vy": 1, "lamp": 0, "time": 2}: at time 0 a pellet is let go
  with a velocity of vx, vy, from -3 to 3 each, and the lamp is lit; seen is where it is at `time`, from 0 to 6: `x`
  and `y`.
- {"do": "strike", "pellets": ["amber", "bone"], "speeds": [3, -1]}: two pellets move along a rail, the first one behind
  the second, with speeds from -4 to 4. Seen is the speed of the first one afterwards: `speed_1`. (Nothing else acts on
  them there. With a first speed that is not larger than the second they do not meet.)
- {"do": "gauge", "length": 2}: a length from 0.05 to 20, exactly known, is measured: `length`.

All numbers that are seen, forces and speeds too, go through the same instrument. It is old, and nobody has checked it.
Predictions are wanted of the true values, not of what the instrument would show.
"""
TASKS = {
    "pulley": {
        "name": "pulley",
        "count": 6,
        "scored": 6,
        "about": PULLEY,
        "example": '{"load": 2, "drop": 3}',
        "asked": "Wanted is [time].",
        "parts": "the true one",
        "levels": "An error of at most 2 % scores 1, at most 6 % 0.5, more 0.",
        "practice": "",
    },
    "damping": {
        "name": "damping",
        "count": 20,
        "scored": 20,
        "about": DAMPING,
        "example": '{"speed": 2, "load": 1, "fill": 1}',
        "asked": "Wanted is [way].",
        "parts": "the true one",
        "levels": "An error of at most 2 % scores 1, at most 4 % 0.75, at most 10 % 0.4, more 0.",
        "practice": "",
    },
    "far_field": {
        "name": "far_field",
        "count": 35,
        "scored": 30,
        "about": FAR_FIELD,
        "example": '{"do": "gauge", "length": 2}',
        "asked": "Wanted are [fx, fy] for `hold`, [x, y] for `fly`, and for `strike` the speeds of all pellets "
        "afterwards; there may be three in a row, where the first one strikes the second one, and that the third.",
        "parts": "the length of the true ones (for `fly`, of the true way from the place where it began)",
        "levels": "An error of at most 2 % scores 1, at most 4 % 0.75, at most 10 % 0.5, at most 25 % 0.2, more 0.",
        "practice": ' "00" to "29". Those that are called "practice_0" to "practice_4" are not part of it: if you have '
        "a score tool, you may use it at any time, and it shows the score of each of these five",
    },
}


def asset(name):
    """Return a module of the assets."""
    if str(ASSETS) not in sys.path:
        sys.path.insert(0, str(ASSETS))
    return importlib.import_module(name)


def world(t):
    """Return the world of a task; it follows from the seed."""
    seed = int(Path(__file__).with_name("seed.txt").read_text())
    return asset("lab_server").WORLDS[t["name"]](t["name"], seed)


def conditions(t):
    """Return the conditions by their names, first those that are scored, then those for practice."""
    held_out = {f"{number:02d}": c for number, c in enumerate(world(t).conditions())}
    practice = world(t).conditions("practice") if t["practice"] else []
    return held_out, {f"practice_{number}": c for number, c in enumerate(practice)}


def read_answer(path, limit):
    """Return the bytes of a handed-in file; None for what is no regular file or is too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(limit + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    except OSError:
        return None
    return data if data is not None and len(data) <= limit else None


def predictions():
    """Return the handed-in object, an empty one where there is none."""
    try:
        answer = json.loads(read_answer(HOME / "answer.json", ANSWER_BYTES) or b"{}")
    except (ValueError, RecursionError) as error:
        print(f"answer.json is no JSON: {type(error).__name__}")
        return {}
    return answer if isinstance(answer, dict) else {}


def finite(value):
    """Return whether a value is a number that can be reckoned with."""
    return not isinstance(value, bool) and isinstance(value, int | float) and -1e9 < value < 1e9


def worths(t, wanted):
    """Return what each prediction scores."""
    there, answer, found = world(t), predictions(), {}
    for name, condition in wanted.items():
        value, size = answer.get(name), len(there.truth(condition))
        good = isinstance(value, list) and len(value) == size and all(map(finite, value))
        found[name] = there.worth(condition, [float(v) for v in value]) if good else 0.0
    return found


def mean(values):
    """Return the mean of what predictions score; NaN, which is no score, where there are none."""
    return math.fsum(values) / len(values) if values else math.nan


def answers(process):
    """Return whether the laboratory answers; an error where it has ended."""
    if process.poll() is not None:
        raise RuntimeError(f"the laboratory does not run: {Path('/root/laboratory.log').read_text()[-2000:]}")
    try:
        with socket.create_connection(ADDRESS, timeout=5) as connection:
            connection.sendall(b'{"ask": "left"}\n')
            return b"left" in connection.recv(64)
    except OSError:
        return False


class TaskFamily:
    """The Task Standard's face of the family."""

    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return TASKS

    @staticmethod
    def get_instructions(t):
        return INSTRUCTIONS.format(port=ADDRESS[1], **{key: value for key, value in t.items() if key != "name"})

    @staticmethod
    def start(t):
        held_out, practice = conditions(t)
        (HOME / "conditions.json").write_text(json.dumps({**held_out, **practice}, indent=1) + "\n")
        shutil.copyfile(ASSETS / "ask.py", HOME / "ask.py")
        with Path("/root/laboratory.log").open("ab") as log:
            # The seed goes by standard input: arguments and environment can be read by everybody.
            child = subprocess.Popen(
                [sys.executable, "-B", str(ASSETS / "lab_server.py")],
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        with child.stdin as secrets:
            secrets.write(json.dumps({"task": t["name"], "seed": world(t).seed}).encode() + b"\n")
        for _ in range(600):
            if answers(child):
                return
            time.sleep(0.05)
        raise RuntimeError("the laboratory does not answer")

    @staticmethod
    def intermediate_score(t):
        held_out, practice = conditions(t)
        found, shown = worths(t, held_out), worths(t, practice)
        final_score = mean(list(found.values()))
        print(f"{final_score:.4f} of the predictions that count: {list(found.values())}")
        return {
            # Where there is nothing to practise on, there is no score before the end.
            "score": mean(list(shown.values())),
            "message": shown or {"answer.json": "this task shows no scores on the way"},
            "details": {"final_score": final_score},
        }

    @staticmethod
    def aggregate_scores(t, score_log):
        del t
        # The last entry is taken after the agent has ended: what counts are the predictions that are there then.
        return float(score_log[-1]["details"]["final_score"]) if score_log else 0.0
