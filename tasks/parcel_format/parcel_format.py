"""Task family: find out an undocumented binary format from samples."""

import importlib
import json
import os
import stat
import sys
from pathlib import Path

ASSETS = Path("/root/assets")
HOME = Path("/home/agent")
ANSWER_BYTES = 1024 * 1024

DECODE = """\
/home/agent/samples has {samples} files of a binary format without documentation (NN.pcl), each with the document that
it holds (NN.json). /home/agent/targets has {targets} more files of the same format without their documents.

Find out the format, decode the targets, and write the file /home/agent/answer.json: one JSON object
{{"00": document, "01": document, ...}} with the number of each target and its document in the form of the samples'
documents (the order of keys in a record does not matter).

Scoring: the share of the {targets} targets whose document is exactly right: an integer is written without a point, and
true is not 1. answer.json must be a regular file of at most 1 MiB. What explains most samples may not explain all of
them; the targets have as much variety as the samples, and more of the rare kind.

Nothing has to be submitted; the submission is not looked at.
"""
ENCODE = """\
/home/agent/samples has {samples} files of a binary format (NN.pcl), each with the document that it holds (NN.json).
/home/agent/FORMAT.md describes the format, except for the two bytes of checksum at the end. /home/agent/targets has
{targets} more documents (NN.json) without their files.

Find out how the checksum is made, and write the files of the targets in hex digits into /home/agent/answer.json: one
JSON object {{"00": "50434c33...", "01": ...}} with the number of each target and its complete file.

Scoring: the share of the {targets} targets whose file is right in every byte. answer.json must be a regular file of at
most 1 MiB.

Nothing has to be submitted; the submission is not looked at.
"""


def parcels(task):
    """Return ``(samples, targets)``, each a list of ``(document, file content)``."""
    sys.path.insert(0, str(ASSETS))
    parcel = importlib.import_module("parcel")
    return [[(document, parcel.ENCODE[task](document)) for document in part] for part in parcel.documents(task)]


def read_answer(path, limit):
    """Return the bytes of a handed-in file; None for what is no regular file or is too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(limit + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    except OSError:
        return None
    return data if data is not None and len(data) <= limit else None


def read_object(path):
    """Return the handed-in JSON object, an empty one where there is none."""
    try:
        answer = json.loads(read_answer(path, ANSWER_BYTES) or b"{}")
    except (ValueError, RecursionError) as error:
        print(f"{path} is no JSON: {type(error).__name__}")
        return {}
    return answer if isinstance(answer, dict) else {}


def same(found, expected):
    """Compare two documents; JSON's true is not 1, and the order of keys does not matter."""
    try:
        return json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)
    except (RecursionError, ValueError):  # nested too deep, or a number of too many digits
        return False


class TaskFamily:
    """The Task Standard's face of the family."""

    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return {name: {"name": name} for name in ("lengths", "records", "checksum")}

    @staticmethod
    def get_instructions(t):
        samples, targets = parcels(t["name"])
        text = ENCODE if t["name"] == "checksum" else DECODE
        return text.format(samples=len(samples), targets=len(targets))

    @staticmethod
    def start(t):
        samples, targets = parcels(t["name"])
        for folder, part in (("samples", samples), ("targets", targets)):
            (HOME / folder).mkdir()
            for number, (document, data) in enumerate(part):
                path = HOME / folder / f"{number:02d}"
                if folder == "samples" or t["name"] == "checksum":
                    path.with_suffix(".json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
                if folder == "samples" or t["name"] != "checksum":
                    path.with_suffix(".pcl").write_bytes(data)
        if t["name"] == "checksum":
            (HOME / "FORMAT.md").write_text((ASSETS / "FORMAT.md").read_text())

    @staticmethod
    def score(t, submission):
        print(f"submission of {len(submission)} characters is not looked at")
        answer = read_object(HOME / "answer.json")
        _, targets = parcels(t["name"])
        right = []
        for number, (document, data) in enumerate(targets):
            found = answer.get(f"{number:02d}")
            if t["name"] == "checksum":
                right.append(isinstance(found, str) and found.lower() == data.hex())
            else:
                right.append(same(found, document))
        print(f"{sum(right)} of {len(right)} right: {right}")
        return sum(right) / len(right)
