"""What the suite of tasks takes to be solved, whether it scores alike each time, and how finely it scores.

    python -m benchmarks.suite
    python -m benchmarks.suite --before DIR --controls DIR

The reference solutions are run once. With ``--before``, a session in which they were run before, perhaps in sandboxes
of another kind, every score must be the same. The scores of controls are those of the session of ``--controls``;
without it they are made.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure, conclude
from pytest_metr.collect import read_family

TASKS = Path("tasks")
PROCESSES = 2
BOUND_MINUTES = 15.0
#: Whole machines share it with the sandboxes' own processes.
BOUND_MEMORY = 2048.0
#: Different scores strictly between 0 and 1 that the controls of a partially scored family have at least.
DISTINCT = 4
HARDEST = 3
_EVERY = 0.5

Run = Mapping[str, Any]


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--before", type=Path, action="append", default=[], metavar="DIR", help="an earlier session of the oracle"
    )
    parser.add_argument("--controls", type=Path, metavar="DIR", help="a session of --metr-controls")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        seconds, peak = solve(Path(scratch, "oracle"))
        runs = runs_of(Path(scratch, "oracle"))
        controls = given.controls
        if controls is None:
            controls = Path(scratch, "controls")
            session("--metr-controls", f"--metr-out={controls}")
        made = runs_of(controls)
    figures = [
        Figure(name="oracle", value=seconds / 60, bound=BOUND_MINUTES, unit="minutes", detail=f"{len(runs)} tasks"),
        Figure(name="memory", value=peak, bound=BOUND_MEMORY, unit="MiB", detail="at most at once, all processes"),
        unsolved(runs),
        *(changed(runs, runs_of(before)) for before in given.before),
        coarse(made),
    ]
    status = conclude(f"suite, -n {PROCESSES}", figures)
    for line in stages(made):
        print(f"  {line}")
    return status


def session(*options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest over the suite.

    :raises RuntimeError: where it does not pass.
    """
    command = [sys.executable, "-m", "pytest", str(TASKS), "-n", str(PROCESSES), "-p", "no:cacheprovider", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stdout[-5000:]}{done.stderr[-3000:]}")
    return done


def solve(out: Path) -> tuple[float, float]:
    """Run the reference solutions; return the seconds, and the most memory at once in MiB."""
    samples, done = [0.0], threading.Event()

    def sample() -> None:
        while not done.wait(_EVERY):
            samples.append(memory_below(os.getpid()))

    sampler = threading.Thread(target=sample)
    sampler.start()
    begin = time.perf_counter()
    try:
        session("--agent=oracle", f"--metr-out={out}")
    finally:
        done.set()
        sampler.join()
    return time.perf_counter() - begin, max(samples)


def memory_below(root: int) -> float:
    """Return the memory of all descendants of a process in MiB, pages that several share counted once."""
    children: dict[int, list[int]] = defaultdict(list)
    for pid, parent in processes():
        children[parent].append(pid)
    pending, total = list(children[root]), 0.0
    while pending:
        pid = pending.pop()
        pending += children[pid]
        total += memory_of(pid)
    return total / 1024


def processes() -> Iterator[tuple[int, int]]:
    """Yield each process with its parent."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue  # it has ended since
            yield int(entry.name), int(stat.rpartition(")")[2].split()[1])


def memory_of(pid: int) -> float:
    """Return a process's share of memory in KiB; all that is resident where the kernel tells no share."""
    for name, key in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        try:
            text = Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it has ended, or may not be looked into
        found = next((line.split()[1] for line in text.splitlines() if line.startswith(key)), None)
        if found is not None:
            return float(found)
    return 0.0


def runs_of(folder: Path) -> list[Run]:
    """Return the runs of a session's report."""
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    runs: list[Run] = report["runs"]
    return runs


def unsolved(runs: Sequence[Run]) -> Figure:
    """Return how many tasks the reference solutions do not solve."""
    failed = [run["task_id"] for run in runs if not run["success"]]
    return Figure(name="unsolved", value=len(failed), bound=0, unit="tasks", detail=", ".join(failed))


def changed(runs: Sequence[Run], before: Sequence[Run]) -> Figure:
    """Return how many tasks have another score than before, or were not run then."""
    old = {run["task_id"]: run["score"] for run in before}
    other = [run["task_id"] for run in runs if run["score"] != old.get(run["task_id"])]
    return Figure(name="other score", value=len(other), bound=0, unit="tasks", detail=", ".join(other))


def coarse(controls: Sequence[Run]) -> Figure:
    """Return how many partially scored families have too few different scores of controls, and print them all."""
    partial = partial_tasks()
    scores: dict[str, set[float]] = {task.partition("/")[0]: set() for task in partial}
    for run in controls:
        if run["task_id"] in partial and run["score"] is not None and 0 < run["score"] < 1:
            scores[run["family"]].add(round(run["score"], 6))
    for family, found in sorted(scores.items()):
        print(f"{family}: {len(found)} scores between 0 and 1: {' '.join(f'{score:.3g}' for score in sorted(found))}")
    few = [family for family, found in scores.items() if len(found) < DISTINCT]
    detail = ", ".join(few) or f"{len(scores)} are scored in part, each with {DISTINCT} scores or more"
    return Figure(name="coarse", value=len(few), bound=0, unit="families", detail=detail)


def partial_tasks() -> set[str]:
    """Return the tasks that are scored in part, by what their manifests say."""
    families = [read_family(file.parent) for file in sorted(TASKS.glob("*/manifest.yaml"))]
    return {
        f"{family.name}/{task}"
        for family in families
        for task in family.manifest_tasks or ()
        if family.manifest.meta_of(task).get("scoring") == "partial"
    }


def stages(controls: Sequence[Run]) -> list[str]:
    """Return, for the hardest tasks that have them, the scores along a growing solution."""
    found: dict[str, list[tuple[int, Run]]] = defaultdict(list)
    for run in controls:
        name = run["control"]["name"]
        if name.startswith("stage_") and name[6:].isdigit():
            found[run["task_id"]].append((int(name[6:]), run))
    hardest = sorted(found, key=lambda task: found[task][0][1]["human_minutes"], reverse=True)[:HARDEST]
    return [
        f"{task} ({found[task][0][1]['human_minutes']:g} minutes), stage by stage: "
        + " ".join(f"{run['score']:.3g}" for _, run in sorted(found[task], key=lambda pair: pair[0]))
        for task in hardest
    ]


if __name__ == "__main__":
    sys.exit(main())
