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
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import Cost, Figure, conclude, pytest_cost
from pytest_metr.commands.tasks import read_suite
from pytest_metr.sandbox.inside.procs import descendants

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
        cost, peak = solve(Path(scratch, "oracle"))
        runs = runs_of(Path(scratch, "oracle"))
        controls = given.controls
        if controls is None:
            controls = Path(scratch, "controls")
            run_suite("--metr-controls", f"--metr-out={controls}")
        made = runs_of(controls)
    figures = [
        Figure(name="oracle", value=cost.wall / 60, bound=BOUND_MINUTES, unit="minutes", detail=f"{len(runs)} tasks"),
        Figure(name="memory", value=peak, bound=BOUND_MEMORY, unit="MiB", detail="at most at once, all processes"),
        unsolved(runs),
        *(changed(runs, runs_of(before)) for before in given.before),
        coarse(made),
    ]
    status = conclude(f"suite, -n {PROCESSES}", figures)
    for line in stages(made):
        print(f"  {line}")
    return status


def run_suite(*options: str) -> Cost:
    """Run pytest over the suite. :raises RuntimeError: where it does not pass."""
    return pytest_cost(Path(), str(TASKS), "-n", str(PROCESSES), *options)


def solve(out: Path) -> tuple[Cost, float]:
    """Run the reference solutions; return what it took, and the most memory of all processes at once in MiB."""
    samples, done = [0.0], threading.Event()

    def sample() -> None:
        while not done.wait(_EVERY):
            samples.append(sum(map(memory_of, descendants(os.getpid()))) / 1024)

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        return run_suite("--agent=oracle", f"--metr-out={out}"), max(samples)
    finally:
        done.set()
        sampler.join()


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
    partial = {task.task_id for task in read_suite([TASKS]).tasks if task.scoring == "partial"}
    scores: dict[str, set[float]] = {task.partition("/")[0]: set() for task in partial}
    for run in controls:
        if run["task_id"] in partial and run["score"] is not None and 0 < run["score"] < 1:
            scores[run["family"]].add(round(run["score"], 6))
    for family, found in sorted(scores.items()):
        print(f"{family}: {len(found)} scores between 0 and 1: {' '.join(f'{score:.3g}' for score in sorted(found))}")
    few = [family for family, found in scores.items() if len(found) < DISTINCT]
    detail = ", ".join(few) or f"{len(scores)} are scored in part, each with {DISTINCT} scores or more"
    return Figure(name="coarse", value=len(few), bound=0, unit="families", detail=detail)


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
