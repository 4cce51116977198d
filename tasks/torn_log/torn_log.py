"""Task family: recover key-value stores from damaged logs, after an exact specification."""

import importlib
import json
import os
import shutil
import stat
import sys
from pathlib import Path

ASSETS = Path("/root/assets")
HOME = Path("/home/agent")
ANSWER_BYTES = 1024 * 1024

INSTRUCTIONS = """\
/home/agent/logs has {cases} folders, case00 to case{last}; each holds what was left of one key-value store's log
after a crash. /home/agent/SPEC.md says exactly how such a log is written and read. The folders come in an
order of rising difficulty; later ones have damage and corners of the specification that earlier ones have not.

Recover the state of every store as the specification demands, and write all of them into the file
/home/agent/states.json as one JSON object: {{"case00": {{"key": "value", ...}}, "case01": ...}}, keys and values being
text. The file must be a regular file of at most 1 MiB. You may write programs for it (Python 3, standard library).

Scoring: the share of the {cases} cases whose state is exactly right. A case that is missing counts as wrong.

Nothing has to be submitted; the submission is not looked at.
"""


def cases_of(task):
    """Return the cases with their files and expected states."""
    sys.path.insert(0, str(ASSETS))
    return importlib.import_module("logs").cases(task)


def read_answer(path, limit):
    """Return the bytes of a handed-in file; None for what is no regular file or is too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(limit + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    except OSError:
        return None
    return data if data is not None and len(data) <= limit else None


def read_states():
    """Return the handed-in object, an empty one where there is none."""
    try:
        answer = json.loads(read_answer(HOME / "states.json", ANSWER_BYTES) or b"{}")
    except (ValueError, RecursionError) as error:
        print(f"states.json is no JSON: {type(error).__name__}")
        return {}
    return answer if isinstance(answer, dict) else {}


class TaskFamily:
    """The Task Standard's face of the family."""

    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return {"plain": {"name": "plain"}, "transactions": {"name": "transactions"}}

    @staticmethod
    def get_instructions(t):
        del t
        return INSTRUCTIONS.format(cases=40, last=39)

    @staticmethod
    def start(t):
        shutil.copy(ASSETS / f"SPEC_{t['name']}.md", HOME / "SPEC.md")
        for case, files, _ in cases_of(t["name"]):
            folder = HOME / "logs" / case
            folder.mkdir(parents=True)
            for name, data in files.items():
                (folder / name).write_bytes(data)

    @staticmethod
    def score(t, submission):
        print(f"submission of {len(submission)} characters is not looked at")
        states = read_states()
        cases = cases_of(t["name"])
        right = [case for case, _, expected in cases if states.get(case) == expected]
        print(f"right: {', '.join(right) or 'none'}")
        return len(right) / len(cases)
