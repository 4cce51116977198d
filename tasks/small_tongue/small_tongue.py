"""Task family: implement a small language that is defined by a document, against programs that are not shown."""

import importlib
import json
import shutil
import sys
from pathlib import Path

ASSETS = Path(__file__).with_name("assets")
HOME = Path("/home/agent")

WHAT = {
    "sums": {
        "module": "sums.py",
        "call": "run(text)",
        "gets": "`text` is the input text",
        "spec": ["sums"],
    },
    "routines": {
        "module": "skerry.py (or a package skerry/)",
        "call": "run(text, lines)",
        "gets": "`text` is the program, `lines` the list of its input lines (texts without line ends)",
        "spec": ["head_routines", "core"],
    },
    "whole": {
        "module": "skerry.py (or a package skerry/)",
        "call": "run(files, lines, budget)",
        "gets": "`files` is a dictionary from the names of modules to their texts, `lines` the list of input lines\n"
        "(texts without line ends) and `budget` the number of steps the program may take",
        "spec": ["head_whole", "core", "rest"],
    },
}
INSTRUCTIONS = """\
Implement the language that /home/agent/work/SPEC.md defines, in Python 3.10 or newer with its standard library alone.

Hand in: {module} in /home/agent/work, with a function

    {call}

where {gets}.
It returns what the program gives as one text, exactly as SPEC.md says, reports of errors included. It may be called
many times in one process; the calls have nothing to do with each other. It reads and prints nothing.

/home/agent/work/examples has programs with the texts that they must give, and `cd /home/agent/work && python3 check.py`
runs them with your code. They show the form of things and little more: SPEC.md is what counts, and it is complete.

Scoring: your code is run on {count} hidden programs in {groups} groups; a program counts where the text is exactly
right. A group gives (n - 1) / (N - 1), where n of its N programs are right (0 for n = 0), and the score is the mean
over the groups, all of which weigh the same. They are: {names}.
Many programs use what several sections say.

Limits: your code sees no file of the scoring, has 1 GiB of memory and {each} seconds for each program (all of them
together should take well under {all} seconds, which is where it is stopped), and can write no file above 8 MiB. No
right text is longer than 100,000 characters. A program that takes longer, fails or ends the process counts as wrong,
and the others are not affected (unless more than {losses} take too long or end the process).

Nothing has to be submitted; the submission is not looked at.
"""


def asset(name):
    """Return one of the modules in assets."""
    if str(ASSETS) not in sys.path:
        sys.path.insert(0, str(ASSETS))
    return importlib.import_module(name)


def groups_of(task):
    return list(dict.fromkeys(case["group"] for case in asset("cases").cases(task)))


class TaskFamily:
    """The Task Standard's face of the family."""

    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return {name: {"name": name, **what} for name, what in WHAT.items()}

    @staticmethod
    def get_instructions(t):
        runner, names = asset("runner"), groups_of(t["name"])
        return INSTRUCTIONS.format(
            count=len(asset("cases").cases(t["name"])),
            groups=len(names),
            names=", ".join(names),
            each=runner.SECONDS_EACH,
            all=runner.SECONDS_ALL,
            losses=runner.LOSSES,
            **t,
        )

    @staticmethod
    def start(t):
        work = HOME / "work"
        work.mkdir()
        parts = [(ASSETS / "spec" / f"{name}.md").read_text() for name in t["spec"]]
        (work / "SPEC.md").write_text("\n".join(parts))
        shutil.copytree(ASSETS / "examples" / t["name"], work / "examples")
        shutil.copy(ASSETS / "check.py", work / "check.py")

    @staticmethod
    def score(t, submission):
        print(f"submission of {len(submission)} characters is not looked at")
        known = json.loads((ASSETS / "expected.json").read_text())[t["name"]]
        return asset("runner").score_of(t["name"], asset("cases").cases(t["name"]), known, HOME / "work")
