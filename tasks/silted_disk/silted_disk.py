"""Task family: forensics on the image of a small file system, and on logs that were kept in it."""

import importlib
import json
import os
import stat
import sys
from pathlib import Path

ASSETS = Path("/root/assets")
HOME = Path("/home/agent")
ANSWER_BYTES = 1024 * 1024

INSTRUCTIONS = {
    "logins": """\
/home/agent/logs has three files of one day, taken from a disk:

- logins.txt: logins at six stations, with the time that the station's own clock showed;
- badges.txt: who entered and left which site, by the true time;
- stations.txt: at which site each station stands, and how its clock compared with the true time that morning. The
  clocks run at the right speed, but none of them shows the right time.

Everybody logs in at the site where they are. One accepted login was made at a site where the account's owner was not
at that time: somebody else used the account. Find it.

Submit the account and the true time of that login, as in `gwen 14:05:59`, and nothing else.
Scoring: 1 for the right account and time, 0 for everything else.
""",
    "removed": """\
/home/agent/disk.img is the image of a file system, which /home/agent/FORMAT.md describes. Many files were removed from
it. Some of them can still be recovered completely, others are lost: parts of them have been overwritten.

Recover the removed files in the state in which they were when they were removed: the contents byte by byte. No two
files of this disk ever had the same name, and none was renamed. {count} files can be recovered: for each of them there
is still something in the image that has its name, size and CRC-32, and all of its bytes are there too, though not
always where its blocks were last. Files that are still live are not asked for.

Write /home/agent/answer.json: one JSON object with the name of each recovered file and the SHA-256 of its contents in
hex digits, as {{"tide-31.csv": "9f86d0...", ...}}, of at most 1 MiB.

Scoring: (right - wrong / 2) / {count}, not less than 0. Right is the name of a recoverable file with the digest of its
contents; every other entry of the object is wrong.

Nothing has to be submitted; the submission is not looked at.
""",
    "undertow": """\
/home/agent/disk.img is the image of a file system, which /home/agent/FORMAT.md describes. On the last day that it was
used, somebody who had no business there worked on it for some hours, with the accounts of others. Reconstruct what
that intruder did.

What is known: roster.txt in the image says who may log in where, and who was away. The watch writes watch.log: logins,
logouts, refused logins, and `fetch` where a file was read without being changed. A line has a running number, the day
(days since 2040-01-01) and the time of the watch's own clock, which was wrong, and was set at some time, but not right.
The watch keeps lines back until it has some, and adds them to the log at the very second of the last of them. All
sessions of the intruder are such as the roster does not allow, and all that it does not allow are the intruder's.
Others went on working meanwhile. Some files were sealed (encrypted), others removed. The intruder covered the traces:
lines were taken out of the log, journal records were erased (all bytes zero) or changed in one field, and times in the
directory were changed. For some of the changed records their own check was made to fit again; nothing was done about
the checks of the records that follow.

Write /home/agent/answer.json, of at most 1 MiB:

    {{"events": [
        {{"source": "journal", "number": 512, "time": 44000000, "op": "save", "file": 17, "account": "orla"}},
        {{"source": "log", "number": 301, "time": 44000100, "op": "fetch", "file": 12, "account": "orla"}}, ...],
     "contents": {{"17": "<SHA-256 in hex digits>", ...}},
     "tampered": [{{"source": "journal", "number": 512, "field": "time"}},
                  {{"source": "directory", "number": 17, "field": "written"}}, ...]}}

- events: everything that the intruder did, and nothing that others did. From the journal (number: the sequence number,
  also of erased records; op: the operation's name in FORMAT.md; file: its number) and from the log (number: the line's;
  op: login, logout or fetch; file: 0 but for fetch). Account is the name under which it was truly done. Time is the
  true one, a whole number of seconds since 2040-01-01 00:00:00, right within 1 second. All erased records were the
  intruder's.
- contents: for each file that the intruder sealed, the contents before that; for each file that the intruder removed
  without having made it, its contents. By file number.
- tampered: the journal records that were changed, but not erased (field `time`, or `account` where account and session
  were changed), and the directory entries in which a time was changed (number: the file number; field `made` or
  `written`). A field that agrees with what truly happened has not been changed.

Scoring: half of the score is for events, a quarter each for contents and tampered. Each part is the marks divided by
their greatest number, and not less than 0.
- There are {events} events that count. Half a mark is for op, file and account together, the other half for the time of
  such an event; an event that the intruder did not do takes half a mark away. Of the log only those lines count that
  are whole somewhere in the image.
- There are {contents} contents. One that is wrong, or that is not asked for, takes half a mark away.
- There are {tampered} tampered fields. A false one takes a mark away.

Nothing has to be submitted; the submission is not looked at.
""",
}


def asset(name):
    """Return a module of the assets."""
    if str(ASSETS) not in sys.path:
        sys.path.insert(0, str(ASSETS))
    return importlib.import_module(name)


def case(task):
    """Return what the task's instance consists of; all of it follows from the seed."""
    seed = int(Path(__file__).with_name("seed.txt").read_text())
    return asset(task).case(seed)


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


class TaskFamily:
    """The Task Standard's face of the family."""

    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return {name: {"name": name} for name in INSTRUCTIONS}

    @staticmethod
    def get_instructions(t):
        counts = {}
        if t["name"] == "removed":
            counts = {"count": len(case("removed")[1])}
        elif t["name"] == "undertow":
            truth = case("undertow")[1]
            counts = {kind: len(truth[kind]) for kind in ("events", "contents", "tampered")}
        return INSTRUCTIONS[t["name"]].format(**counts)

    @staticmethod
    def start(t):
        material, _ = case(t["name"])
        if t["name"] == "logins":
            (HOME / "logs").mkdir()
            for name, text in material.items():
                (HOME / "logs" / name).write_text(text)
        else:
            (HOME / "disk.img").write_bytes(material)
            (HOME / "FORMAT.md").write_text((ASSETS / "FORMAT.md").read_text())

    @staticmethod
    def score(t, submission):
        _, expected = case(t["name"])
        if t["name"] == "logins":
            right = submission.split() == expected.split()
            print(f"the submission of {len(submission)} characters is {'right' if right else 'wrong'}")
            return float(right)
        answer = read_object(HOME / "answer.json")
        if t["name"] == "undertow":
            return asset("scoring").undertow(answer, expected)
        return asset("scoring").digests(answer, expected)
