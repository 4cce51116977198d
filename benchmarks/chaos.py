"""A session of 60 short runs, killed at random moments and taken up again until it is done: nothing lost, nothing left.

    python -m benchmarks.chaos --kills 50 --provider bubblewrap
    METR_TEST_DOCKER_BASE=IMAGE python -m benchmarks.chaos --kills 50 --provider docker --engine PIDFILE --restarts 5

What is killed (with SIGKILL) is the controller, a worker, or everything at once, at moments that the printed seed
decides. The engine whose process id is in PIDFILE (as ``scripts/start-engine`` writes it) is restarted in between. A
session that is done before the last kill is followed by a fresh one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import QUIET

RUNS = 60
WORKERS = 2
#: Seconds after its start in which a session is killed.
MOMENTS = (0.5, 5.0)
#: Seconds in which what was killed must have gone, and in which a whole session must be done.
PATIENCE = 60.0
WHOLE = 900.0
FINISHED = {"scored", "limit", "agent_error", "needs_score"}
ROOT = Path(__file__).parents[1]
FAMILY = """
class TaskFamily:
    @staticmethod
    def get_tasks():
        return {{name: {{}} for name in {names!r}}}

    @staticmethod
    def get_instructions(t):
        return "Wait a little, and submit 1."

    @staticmethod
    def score(t, submission):
        return float(submission)
"""
AGENT = """
kind: command
code: waiting
command: [sh, /home/agent/scaffolding/main.sh]
"""


@dataclass(kw_only=True)
class Tally:
    """What came of it."""

    sessions: int = 0
    resumed: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    restarts: int = 0
    lost: int = 0
    twice: int = 0
    left: dict[str, list[str]] = field(default_factory=dict)


class Chaos:
    """The repository in which sessions are run, and what is done to them."""

    def __init__(self, root: Path, options: argparse.Namespace) -> None:
        self.root = root
        self.options = options
        self.random = random.Random(options.seed)
        self.tally = Tally()
        self.marker = f"chaos-{os.getpid()}"
        # Containers of somebody else, who may be at work with the same engine.
        self.foreign = set(containers() if options.provider == "docker" else ())
        (root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (root / "tmp").mkdir()
        names = [f"task_{n:02}" for n in range(RUNS // 3)]
        for family in ("one", "two", "three"):
            folder = root / "tasks" / family
            folder.mkdir(parents=True)
            (folder / f"{family}.py").write_text(FAMILY.format(names=names), encoding="utf-8")
            tasks = "".join(f"  {name}: {{}}\n" for name in names)
            (folder / "manifest.yaml").write_text(f"version: 1.0.0\ntasks:\n{tasks}", encoding="utf-8")
        (root / "agents" / "waiting").mkdir(parents=True)
        (root / "agents" / "waiting.yaml").write_text(AGENT, encoding="utf-8")
        # What it leaves running must go with its sandbox.
        script = f"sh -c 'sleep 600; : {self.marker}' & sleep 0.3; printf 1 > submission.txt\n"
        (root / "agents" / "waiting" / "main.sh").write_text(script, encoding="utf-8")

    def run(self) -> Tally:
        """Run sessions until all kills are done and the last session is."""
        restarts_at = set(self.random.sample(range(self.options.kills), self.options.restarts))
        kills = 0
        while kills < self.options.kills or self.tally.sessions == 0:
            out = self.root / f"out{self.tally.sessions}"
            self.tally.sessions += 1
            deadline = time.monotonic() + WHOLE
            while True:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"a session was not done after {WHOLE:g} s")
                restarts = self.tally.restarts
                with self.session(out) as process:
                    while kills < self.options.kills and self.wait(process):
                        if kills in restarts_at:
                            self.restart()
                            restarts_at.discard(kills)
                        kills += self.kill(process)
                    process.communicate()
                if process.returncode in (0, 1) and self.is_done(out):
                    break
                # A session that starts while the engine is away is refused, as a person's would be.
                refused = {4} if self.tally.restarts > restarts else set()
                if process.returncode not in {0, 1, 2, 3, -signal.SIGKILL} | refused:
                    raise RuntimeError(f"a session ended with {process.returncode}: {self.log.read_text()[-3000:]}")
            self.count(out)
        return self.tally

    @property
    def log(self) -> Path:
        """What the last session has printed."""
        return self.root / "log"

    def session(self, out: Path) -> subprocess.Popen[bytes]:
        """Start a session, or take it up again where it has come to its plan."""
        resume = (out / "plan.json").exists()
        if out.exists() and not resume:
            out.rename(out.with_name(f"{out.name}-{self.random.random()}"))  # killed before it knew what to do
        self.tally.resumed += resume
        where = f"--metr-resume={out}" if resume else f"--metr-out={out}"
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *QUIET, "-q", "tasks", "--agent=waiting"]
        command += [f"--sandbox={self.options.provider}", f"-n{WORKERS}", where]
        if self.options.provider == "docker":
            command.append(f"--metr-docker-base={os.environ['METR_TEST_DOCKER_BASE']}")
        with self.log.open("wb") as log:
            return subprocess.Popen(
                command,
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Pytest keeps its own temporary folders on purpose.
                env={**os.environ, "TMPDIR": str(self.root / "tmp"), "PYTEST_DEBUG_TEMPROOT": str(self.root)},
                start_new_session=True,
            )

    def wait(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait for the next moment; whether the session is still there then."""
        try:
            process.wait(self.random.uniform(*MOMENTS))
        except subprocess.TimeoutExpired:
            return True
        return False

    def kill(self, process: subprocess.Popen[bytes]) -> int:
        """Kill something of a session, and return how many kills that was."""
        what = self.random.choice(("controller", "worker", "both"))
        workers = children_of(process.pid)
        if what == "worker":
            if not workers:
                return 0
            victims = [self.random.choice(workers)]
        else:
            victims = [process.pid, *(workers if what == "both" else [])]
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.tally.kills[what] += 1
        return 1

    def restart(self) -> None:
        """Restart the engine, as it is after an update of it."""
        file: Path = self.options.engine
        pid = int(file.read_text())
        os.kill(pid, signal.SIGTERM)
        until(lambda: not is_alive(pid), "the engine did not end")
        subprocess.run([ROOT / "scripts" / "start-engine", file], check=True, stdout=subprocess.DEVNULL)
        self.tally.restarts += 1

    def is_done(self, out: Path) -> bool:
        """Whether every run of a session has come to its end."""
        return len(self.finished(out)) == RUNS

    def finished(self, out: Path) -> Counter[str]:
        """Return by run id how often a run has come to its end."""
        lines = (out / "journal.jsonl").read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines]
        return Counter(r["run_id"] for r in records if r["kind"] == "run" and r["status"] in FINISHED)

    def count(self, out: Path) -> None:
        """Add what became of the runs of a session that is done, by its journal and by its report."""
        finished = self.finished(out)
        report = json.loads((out / "report.json").read_text(encoding="utf-8"))
        reported = {run["run_id"] for run in report["runs"] if run["status"] in FINISHED and run["score"] == 1.0}
        self.tally.lost += RUNS - len(finished.keys() & reported)
        self.tally.twice += sum(count - 1 for count in finished.values())


def children_of(pid: int) -> list[int]:
    """Return the pids of the workers of a session: children that were told by their standard input what to do."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
            command = (path.parent / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        if int(parent) == pid and b"sys.stdin.readline" in command:
            found.append(int(path.parent.name))
    return sorted(found)


def is_alive(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0] != "Z"
        )
    except OSError:
        return False


def until(condition: Callable[[], bool], problem: str) -> None:
    """Wait until something is so. :raises RuntimeError: where it is not so in time."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(problem)
        time.sleep(0.1)


def processes_with(*texts: str) -> list[str]:
    """Return the command lines that hold one of the texts, this process's aside."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if int(path.parent.name) != os.getpid() and any(text in line for text in texts):
            found.append(line)
    return found


def left_behind(chaos: Chaos) -> Iterator[tuple[str, list[str]]]:
    """Yield what is still there of the sessions, by kind."""
    yield "processes", processes_with(str(chaos.root), chaos.marker)
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    yield "mounts", [line for line in mounts if str(chaos.root) in line or "/pytest-metr-" in line]
    yield "folders", [str(path) for path in (chaos.root / "tmp").iterdir()]
    if chaos.options.provider == "docker":
        yield "containers", sorted(set(containers()) - chaos.foreign)


def containers() -> list[str]:
    """Return the containers with our labels, running or not, and our network."""
    from pytest_metr.sandbox.docker.engine import connect
    from pytest_metr.sandbox.docker.labels import NETWORK, OWNER

    engine = connect()
    try:
        found = [entry["Names"][0] for entry in engine.api.containers(all=True, filters={"label": OWNER})]
        return found + [entry["Name"] for entry in engine.api.networks(filters={"label": NETWORK})]
    finally:
        engine.close()


def main() -> int:
    """Do it, print what came of it, and return 0 where nothing was lost, doubled or left."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--provider", choices=("bubblewrap", "docker"), default="bubblewrap")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--engine", type=Path, help="file with the process id of an engine that may be restarted")
    parser.add_argument("--restarts", type=int, default=0)
    options = parser.parse_args()
    print(f"chaos: seed {options.seed}, {options.kills} kills, {options.provider}", flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        chaos = Chaos(Path(folder), options)
        tally = chaos.run()
        until_gone = time.monotonic() + PATIENCE
        while any(left for _, left in left_behind(chaos)) and time.monotonic() < until_gone:
            time.sleep(0.5)
        tally.left = dict(left_behind(chaos))
    kills = ", ".join(f"{count} {what}" for what, count in sorted(tally.kills.items()))
    print(f"  {tally.sessions} sessions of {RUNS} runs, taken up {tally.resumed} times; killed: {kills or 'nothing'}")
    print(f"  engine restarted {tally.restarts} times; {time.monotonic() - begun:.0f} s in all")
    print(f"  runs lost: {tally.lost}, finished twice: {tally.twice}")
    for what, left in tally.left.items():
        print(f"  {what} left: {len(left)}", *left[:5])
    return 1 if tally.lost or tally.twice or any(tally.left.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
