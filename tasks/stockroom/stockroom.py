"""Task family: repair a small package for a stockroom whose own checks see a part of its faults only."""

import contextlib
import hashlib
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ASSETS = Path("/root/assets")
HOME = Path("/home/agent")
SECONDS = 30
RESULT_BYTES = 4 * 1024 * 1024
#: Where one user stands behind root and agent, namespaces keep /root from the handed-in code; the inner one, without
#: privileges, keeps it from undoing the mount.
HIDE_ROOT = ["unshare", "--user", "--map-root-user", "--mount", "--", "sh", "-c"]
HIDE_ROOT += ['mount -t tmpfs none /root && exec unshare --user -- "$0" "$@"']

WHAT = {
    "labels": ("labels.py", "the module labels.py"),
    "costing": ("costing.py", "the module costing.py"),
    "whole": ("stockroom/", "the package stockroom/"),
}
INSTRUCTIONS = """\
In /home/agent/work you find {what}, its specification SPEC.md and a small check.py that shows some of its faults
(`cd /home/agent/work && python3 check.py`).

Repair {path} in place so that it does what SPEC.md says. The specification is right wherever the two differ; names
and arguments of the functions stay as they are. Use the Python standard library alone.

Scoring: your code in /home/agent/work is run on hidden cases (within {seconds} seconds in all) and its results are
compared with what SPEC.md demands. The score is the share of the cases wrong at the start that are now right, less
the share of the cases right at the start that are now wrong, and never below 0. check.py has but a few cases;
passing it is not enough.

Nothing has to be submitted; the submission is not looked at.
"""


def task_cases(task):
    """Return the hidden calls of a task and what is known of each: hash of the result, right at the start or not."""
    sys.path.insert(0, str(ASSETS))
    cases = importlib.import_module("cases")
    return cases.TASKS[task](), json.loads((ASSETS / "expected.json").read_text())[task]


def digest(text):
    """Return the hash by which a result is known; the results themselves are nowhere on the machine."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def limits_of_child():
    """Runs in the child: fewer rights and little to waste."""
    import resource

    for kind, value in ((resource.RLIMIT_FSIZE, RESULT_BYTES), (resource.RLIMIT_AS, 2**30)):
        resource.setrlimit(kind, (value, value))
    try:
        os.setgroups([])
        os.setgid(1000)
        os.setuid(1000)
    except OSError:
        pass  # one user only: HIDE_ROOT is used instead


def confinement():
    """Return the words to put before a command so that it cannot see /root, and say what they rest on."""
    second_user = "import os; os.setgid(1000); os.setuid(1000)"
    if works([sys.executable, "-c", second_user]):
        print("the handed-in code runs as user agent")
        return []
    if works([*HIDE_ROOT, sys.executable, "-c", ""]):
        print("the handed-in code runs without /root")
        return HIDE_ROOT
    # Hashes of short results are soon found out by trying: no score rather than one that may have been read.
    raise RuntimeError("neither a second user nor namespaces can keep /root from the handed-in code in this sandbox")


def works(command):
    """Return whether a command can be run and ends well."""
    with contextlib.suppress(OSError):
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


def results_of(calls, folder, seconds):
    """Run the calls with the code in *folder* in a child; return {number of the call: result as JSON text}."""
    command = [*confinement(), sys.executable, "-I", "-B", "-c", (ASSETS / "harness.py").read_text(), str(folder)]
    with tempfile.TemporaryFile() as calls_file, tempfile.TemporaryFile() as results_file:
        calls_file.write(json.dumps(calls).encode())
        calls_file.seek(0)
        child = subprocess.Popen(
            command,
            cwd="/tmp",
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin")},
            stdin=calls_file,
            stdout=results_file,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=limits_of_child,
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        results_file.seek(0)
        text = results_file.read(RESULT_BYTES).decode("utf-8", "replace")
    results = {}
    for line in text.splitlines():
        number, _, result = line.partition(" ")
        if number.isascii() and number.isdigit() and len(number) < 6:
            results.setdefault(int(number), result)
    return results


class TaskFamily:
    """The Task Standard's face of the family."""

    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return {name: {"name": name, "path": path, "what": what} for name, (path, what) in WHAT.items()}

    @staticmethod
    def get_instructions(t):
        return INSTRUCTIONS.format(seconds=SECONDS, **t)

    @staticmethod
    def start(t):
        shutil.copytree(ASSETS / t["name"], HOME / "work")

    @staticmethod
    def score(t, submission):
        print(f"submission of {len(submission)} characters is not looked at")
        calls, known = task_cases(t["name"])
        results = results_of(calls, HOME / "work", SECONDS)
        right = [digest(results.get(number, "")) == case["result"] for number, case in enumerate(known)]
        at_start = [case["right_at_start"] for case in known]
        mended = sum(now and not before for now, before in zip(right, at_start, strict=True))
        broken = sum(before and not now for now, before in zip(right, at_start, strict=True))
        print(f"{mended} of {at_start.count(False)} mended, {broken} of {at_start.count(True)} broken")
        return max(0.0, mended / at_start.count(False) - broken / max(1, at_start.count(True)))
