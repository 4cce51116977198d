"""Task family: a training run diverges; find out why, and reach a low loss on rows that are held back."""

import importlib
import json
import os
import stat
import sys
from pathlib import Path

ASSETS = Path("/root/assets")
HOME = Path("/home/agent")
MODEL_BYTES = 1024 * 1024
#: The noise in y is 0.1; no model gets below that by much.
GOAL = 0.12

TASKS = {
    "diverging": {
        "name": "diverging",
        "features": ["a", "b", "c", "d"],
        "settings": {"features": ["a", "b", "c", "d"], "degree": 1, "rate": 0.01, "epochs": 60},
        "about": "The features are a, b, c and d. y is known to depend on each of them linearly.",
    },
    "held_out": {
        "name": "held_out",
        "features": ["x1", "x2", "x3", "x4", "q"],
        "settings": {"features": ["x1", "x2", "x3", "x4", "q"], "degree": 2, "rate": 0.05, "epochs": 20},
        "about": "The features are x1, x2 (a temperature in degrees Celsius), x3, x4 and q (the logger's estimate). "
        "The column `batch` numbers the 30 batches in which the rows were taken, `logger` names the instrument; "
        "neither is a feature. y is a smooth function of some of the features. Not every logger worked well all the "
        "time. The rows that are held back were taken later, in all places and all seasons, after all loggers had been "
        "overhauled.",
    },
}
INSTRUCTIONS = """\
/home/agent has train.csv, settings.json and train.py, which is to fit a model to train.csv and write it to model.json
(`cd /home/agent && python3 train.py`; Python 3, standard library). Its loss runs away. {about}

Hand in a model that predicts y on rows that are held back: /home/agent/model.json. You may change train.py and
settings.json, or train in any other way. Only model.json counts. It has the form

    {{"scaling": {{"<feature>": {{"centre": 1.5, "scale": 2.0}}, ...}},
     "terms": [{{"coef": 0.5, "powers": {{"<feature>": 1, ...}}}}, ...]}}

and predicts the sum over the terms of coef times the product of the features to their powers (integers from 0 to
6, at most 400 terms; no powers: a constant). Where `scaling` names a feature, (value - centre) / scale stands for it.

Scoring: let E be the root mean squared error on the rows held back and C that of the best constant. The score is 1 for
E <= {goal}, 0 for E >= C, and log(C / E) / log(C / {goal}) in between. If you have a score tool, you may use it at any
time: it shows the score on 300 rows held back. The final score is taken in the same way for the model.json that is
there at the end, on 300 others. A missing or unreadable model, one that is
no regular file of at most 1 MiB, and one whose predictions overflow score 0.

Nothing has to be submitted; the submission is not looked at.
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


class TaskFamily:
    """The Task Standard's face of the family."""

    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return TASKS

    @staticmethod
    def get_instructions(t):
        return INSTRUCTIONS.format(about=t["about"], goal=GOAL)

    @staticmethod
    def start(t):
        rows = asset("data").train(t["name"])
        lines = [",".join(rows[0])]
        lines += [",".join(f"{v:.5g}" if isinstance(v, float) else str(v) for v in row.values()) for row in rows]
        (HOME / "train.csv").write_text("\n".join(lines) + "\n")
        (HOME / "settings.json").write_text(json.dumps(t["settings"], indent=1) + "\n")
        (HOME / "train.py").write_text((ASSETS / "train.py").read_text())

    @staticmethod
    def intermediate_score(t):
        data, models = asset("data"), asset("model")
        handed_in = read_answer(HOME / "model.json", MODEL_BYTES)
        try:
            if handed_in is None:
                raise models.BadModel("there is no regular file of at most 1 MiB")
            model = models.parse(handed_in, t["features"])
        except models.BadModel as fault:
            return {"score": 0.0, "message": {"model.json": str(fault)}, "details": {"final_score": 0.0}}
        seen, hidden = data.validation(t["name"]), data.final(t["name"])
        error, final_error = models.rmse(model, seen), models.rmse(model, hidden)
        return {
            "score": models.score(error, seen, GOAL),
            "message": {"model.json": "read", "root_mean_squared_error": f"{error:.4g}"},
            "details": {
                "final_score": models.score(final_error, hidden, GOAL),
                "final_root_mean_squared_error": f"{final_error:.4g}",
            },
        }

    @staticmethod
    def aggregate_scores(t, score_log):
        del t
        # The last entry is taken after the agent has ended: what counts is the model that is there then.
        return float(score_log[-1]["details"]["final_score"]) if score_log else 0.0
