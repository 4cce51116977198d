"""Task family: predict the characters of an invented log with a model of few parameters, handed in as data."""

import importlib
import os
import shutil
import stat
import sys
from pathlib import Path

ASSETS = Path("/root/assets")
HOME = Path("/home/agent")
MODEL_BYTES = 400_000

#: `zero` and `one` are the bits per character at which the score is 0 and 1.
TASKS = {
    "budget": {"name": "budget", "cost": 1500, "zero": 2.8, "one": 1.4},
    "frontier": {"name": "frontier", "cost": 2400, "zero": 2.95, "one": 1.0},
}
INSTRUCTIONS = """\
/home/agent/train.txt has sheets of a log in an invented language, with an empty line between any two of them. Hand in a
model that predicts each character from those before it in its sheet: /home/agent/model.json, a file of at most
{size} bytes whose cost is at most {cost}. /home/agent/FORMAT.md tells the form of a model and how its cost is counted.
A model is data: tables, registers with their expressions, and parts that recall or say a character.

/home/agent has besides:
- model.py: the program that the scorer reads and measures models with (`python3 model.py model.json valid.txt`
  prints the cost and the bits per character);
- baseline.py: writes a simple model, which scores 0 (`cd /home/agent && python3 baseline.py`);
- valid.txt: 40 sheets for validation. Nobody remembers how they were chosen.

The sheets of the log have structure at short and at long range. Look at them, and not at their characters alone.

Scoring: let B be the bits per character on sheets that are held back. They were written in the same way as those in
train.txt, but later, when other persons were at work. The score is ({zero} - B) / ({zero} - {one}), at least 0 and at
most 1. A model that is missing, too large, too costly or not of the form scores 0. If you have a score tool, you may
use it at any time: it shows B and the score on 20 sheets held back. The final score is taken in the same way for the
model.json that is there at the end, on 36 others.

Python 3 and its standard library are there. Nothing has to be submitted; the submission is not looked at.
"""


def asset(name):
    """Return a module of the assets."""
    if str(ASSETS) not in sys.path:
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


def read_model(t):
    """Return the handed-in model and None, or None and what is wrong with it."""
    data = read_answer(HOME / "model.json", MODEL_BYTES)
    if data is None:
        return None, f"there is no regular file of at most {MODEL_BYTES} bytes"
    try:
        model = asset("model").Model(data)
    except asset("model").BadModel as fault:
        return None, str(fault)
    if model.cost > t["cost"]:
        return None, f"the model costs {model.cost}, and may cost {t['cost']}"
    return model, None


def measured(t, model, part):
    """Return the bits per character on a part of the text, and the score that they give."""
    bits = model.bits_per_character(asset("source").sheets(t["name"], part))
    return bits, max(0.0, min(1.0, (t["zero"] - bits) / (t["zero"] - t["one"])))


class TaskFamily:
    """The Task Standard's face of the family."""

    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return TASKS

    @staticmethod
    def get_instructions(t):
        return INSTRUCTIONS.format(size=MODEL_BYTES, **{key: t[key] for key in ("cost", "zero", "one")})

    @staticmethod
    def start(t):
        source = asset("source")
        (HOME / "train.txt").write_text("\n".join(source.sheets(t["name"], "train")))
        (HOME / "valid.txt").write_text("\n".join(source.sheets(t["name"], "valid")))
        for name in ("model.py", "baseline.py", "FORMAT.md"):
            shutil.copyfile(ASSETS / name, HOME / name)

    @staticmethod
    def intermediate_score(t):
        model, fault = read_model(t)
        if model is None:
            return {"score": 0.0, "message": {"model.json": fault}, "details": {"final_score": 0.0}}
        bits, score = measured(t, model, "seen")
        final_bits, final_score = measured(t, model, "final")
        print(f"cost {model.cost}, {bits:.4f} bits per character shown, {final_bits:.4f} final: {final_score:.4f}")
        return {
            "score": score,
            "message": {"model.json": "read", "cost": model.cost, "bits_per_character": round(bits, 4)},
            "details": {"final_score": final_score, "final_bits_per_character": final_bits},
        }

    @staticmethod
    def aggregate_scores(t, score_log):
        del t
        # The last entry is taken after the agent has ended: what counts is the model that is there then.
        return float(score_log[-1]["details"]["final_score"]) if score_log else 0.0
