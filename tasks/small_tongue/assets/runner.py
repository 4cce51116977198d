"""Runs handed-in code on the hidden cases, in children that cannot see /root, and compares results by their hashes."""

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ASSETS = Path(__file__).parent
#: Of real time: for one program, and for all of them together. Generous, so that the machine's speed does not matter.
SECONDS_EACH, SECONDS_ALL = 20, 300
PATIENCE = 0.25
#: So many programs may hang or end the process; then the others are not run any more.
LOSSES = 100
MEMORY_BYTES, RESULT_BYTES = 1024 * 1024 * 1024, 8 * 1024 * 1024
#: Where one user stands behind root and agent, namespaces keep /root from the handed-in code; the inner one, without
#: privileges, keeps it from undoing the mount.
HIDE_ROOT = ["unshare", "--user", "--map-root-user", "--mount", "--", "sh", "-c"]
HIDE_ROOT += ['mount -t tmpfs none /root && exec unshare --user -- "$0" "$@"']


def digest(task, number, text):
    """Return the hash by which a result is known; the results themselves are nowhere on the machine."""
    return hashlib.sha256(f"small_tongue {task} {number} {text}".encode("utf-8", "replace")).hexdigest()[:20]


def limits_of_child():
    """Runs in the child: fewer rights and little to waste."""
    import resource

    for kind, value in ((resource.RLIMIT_FSIZE, RESULT_BYTES), (resource.RLIMIT_AS, MEMORY_BYTES)):
        resource.setrlimit(kind, (value, value))
    with contextlib.suppress(OSError):  # where there is one user only, HIDE_ROOT is used instead
        os.setgroups([])
        os.setgid(1000)
        os.setuid(1000)


def works(command):
    """Return whether a command can be run and ends well."""
    with contextlib.suppress(OSError):
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


def confinement():
    """Return the words to put before a command so that it cannot see /root, and say what they rest on."""
    second_user = "import os; os.setgid(1000); os.setuid(1000)"
    if works([sys.executable, "-c", second_user]):
        print("the handed-in code runs as user agent")
        return []
    if works([*HIDE_ROOT, sys.executable, "-c", ""]):
        print("the handed-in code runs without /root")
        return HIDE_ROOT
    print("the handed-in code runs unconfined; there are but hashes of results that it could read")
    return []


def lines_of(results_file):
    """Return {number of the case: result as text or None} from what a child wrote so far."""
    results_file.seek(0)
    results = {}
    for line in results_file.read(RESULT_BYTES).decode("utf-8", "replace").split("\n")[:-1]:
        number, _, rest = line.partition(" ")
        if number.isascii() and number.isdigit() and len(number) < 6:
            with contextlib.suppress(ValueError, RecursionError):
                results.setdefault(int(number), json.loads(rest))
    return {number: result for number, result in results.items() if result is None or isinstance(result, str)}


def await_child(child, results_file, seconds):
    """Wait until the child ends, a case takes too long, or *seconds* are over; kill it; return the seconds left."""
    size, quiet = -1, 0
    while seconds > 0 and quiet < SECONDS_EACH:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(PATIENCE)
            break
        grown = os.fstat(results_file.fileno()).st_size
        quiet = quiet + PATIENCE if grown == size else 0
        size, seconds = grown, seconds - PATIENCE
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    return seconds


def run_child(calls, folder, prefix, seconds):
    """Run calls in one child; return what it gave for them until it ended, and the seconds left."""
    command = [*prefix, sys.executable, "-I", "-B", "-c", (ASSETS / "harness.py").read_text(), str(folder)]
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
        left = await_child(child, results_file, seconds)
        return lines_of(results_file), left


def results_of(calls, folder):
    """Return {number: result}. A case that hangs or kills its child is lost; another child goes on after it."""
    prefix, left, results = confinement(), SECONDS_ALL, {}
    for _ in range(LOSSES):
        if not calls or left <= 0:
            break
        found, left = run_child(calls, folder, prefix, left)
        done = next((n for n, call in enumerate(calls) if call[0] not in found), len(calls))
        results |= {call[0]: found[call[0]] for call in calls[:done]}
        calls = calls[done + 1 :]
    return results


def score_of(task, cases, known, folder):
    """Return the mean over the groups of the share of right cases, where the first right case counts nothing."""
    calls = [[number, case["module"], case["args"]] for number, case in enumerate(cases)]
    results = results_of(calls, folder)
    groups = {}
    for number, (case, wanted) in enumerate(zip(cases, known, strict=True)):
        text = results.get(number)
        right = text is not None and digest(task, number, text) == wanted
        groups.setdefault(case["group"], []).append(right)
    shares = {name: max(0.0, (sum(found) - 1) / (len(found) - 1)) for name, found in groups.items()}
    print(", ".join(f"{name} {sum(found)}/{len(found)}" for name, found in groups.items()))
    return sum(shares.values()) / len(shares)
