"""Task family: compute the numbers of a faded figure from the raw data and the methods of a paper."""

import importlib
import json
import os
import stat
import sys
from pathlib import Path

ASSETS = Path("/root/assets")
HOME = Path("/home/agent")
ANSWER_BYTES = 64 * 1024

INSTRUCTIONS = """\
/home/agent/paper.md has the methods of an invented study and tells what its figure shows. The raw data are in
{files}; /home/agent/codebook.md describes their columns.
/home/agent/figure.json has the numbers of the figure, as far as they are legible: one JSON object of
{{"name": number}}, with null for each of the {faded} numbers that have faded.
{hint}
Compute what has faded. Write /home/agent/answer.json (at most 64 KiB): one JSON object with the name of each faded
number and the number, {{"{example}": 12.3, ...}}. More names do no harm and count for nothing.

Scoring: the share of the {faded} faded numbers that are right. Counts must be exact. {places}
A number is right if it is within 0.6 units of the last of these places of the authors' own, unrounded number.

Nothing has to be submitted; the submission is not looked at.
"""
PLACES = {
    "bars": "Means and half widths are shown with two decimals.",
    "curve": "Rates and their limits are shown with one decimal.",
    "panel": "Percentages and their limits are shown with one decimal, all numbers of panels A and B with three.",
}
HINTS = {
    "bars": "",
    "curve": "Where the text can be read in two ways, the numbers that the paper reports decide.\n",
    "panel": "The paper is no complete account of what its authors did, and the data are as the stations delivered\n"
    "them. What the text leaves open can be decided by the legible numbers, all of which the authors' way gives\n"
    "exactly, and by looking at the data.\n",
}


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
            content = file.read(limit + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    except OSError:
        return None
    return content if content is not None and len(content) <= limit else None


def read_object(path):
    """Return the handed-in JSON object, an empty one where there is none."""
    try:
        answer = json.loads(read_answer(path, ANSWER_BYTES) or b"{}")
    except (ValueError, RecursionError) as error:
        print(f"{path} is no JSON: {type(error).__name__}")
        return {}
    return answer if isinstance(answer, dict) else {}


class TaskFamily:
    """The Task Standard's face of the family."""

    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return {name: {"name": name} for name in ("bars", "curve", "panel")}

    @staticmethod
    def get_instructions(t):
        name = t["name"]
        faded = [key for key, value in asset("figures").shown(name).items() if value is None]
        return INSTRUCTIONS.format(
            files=" and ".join(f"/home/agent/{file}" for file in getattr(asset("data"), name)()),
            faded=len(faded),
            example=faded[0],
            hint=HINTS[name],
            places=PLACES[name],
        )

    @staticmethod
    def start(t):
        name = t["name"]
        for file, rows in getattr(asset("data"), name)().items():
            (HOME / file).write_text("".join(",".join(row) + "\n" for row in rows))
        template = (ASSETS / f"{name}_paper.md").read_text()
        (HOME / "paper.md").write_text(asset("figures").paper(name, template))
        (HOME / "codebook.md").write_text((ASSETS / f"{name}_codebook.md").read_text())
        (HOME / "figure.json").write_text(json.dumps(asset("figures").shown(name), indent=1) + "\n")

    @staticmethod
    def score(t, submission):
        print(f"submission of {len(submission)} characters is not looked at")
        marks = asset("figures").mark(t["name"], read_object(HOME / "answer.json"))
        wrong = [name for name, good in marks.items() if not good]
        print(f"{len(marks) - len(wrong)} of {len(marks)} right; not: {wrong}")
        return (len(marks) - len(wrong)) / len(marks)
