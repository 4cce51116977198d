"""Trains a model within the budget. Usage: solve.py budget|frontier."""

import random
import re
import sys
from pathlib import Path

HOME = Path("/home/agent")
sys.path[:0] = [str(HOME), str(Path(__file__).parent)]

import features  # noqa: E402
import model as evaluate  # noqa: E402
import train  # noqa: E402

BUDGETS = {"budget": 1500, "frontier": 2400}
PLANS = {
    "budget": {"structures": ["words", "names", "counter", "agreement"], "topics": 1, "orders": (0, 1), "price": 14},
    "frontier": {"structures": list(features.NEEDS), "topics": 3, "orders": (0, 1), "price": 14},
}


def rename(sheet, rng):
    """Give the persons of a sheet other names: those of the training text come nowhere else."""
    for name in re.findall("'([a-z]+)", sheet.split("\n", 1)[0]):
        letters = [rng.choice("aeio" if letter in "aeio" else "bdfgklmnprstvz") for letter in name[:-1]]
        sheet = re.sub(f"'{name}\\b", "'" + "".join(letters) + name[-1], sheet)
    return sheet


def solve(task, structures, topics, orders, price, renamed=True):
    """Train with some of the structures and write the model."""
    rng = random.Random(1)
    sheets = evaluate.split((HOME / "train.txt").read_text())
    sheets = [rename(sheet, rng) for sheet in sheets] if renamed else sheets
    registers = features.registers(structures)
    trainer = train.Trainer(evaluate, features.parts(structures, topics, orders), registers, {}, sheets)
    fitted = trainer.fit(BUDGETS[task], price)
    (HOME / "model.json").write_text(trainer.dump(fitted))


if __name__ == "__main__":
    solve(sys.argv[1], **PLANS[sys.argv[1]])
