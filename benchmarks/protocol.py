"""What the numbers of an evaluation cost, against the same numbers made with scikit-learn.

    METR_PUBLIC_RUNS=FOLDER python -m benchmarks.protocol

FOLDER holds METR's public ``runs.jsonl``; without it, made-up runs of the same shape are taken. The other side draws as
METR's code does, with numpy, and fits each draw with scikit-learn's ``LogisticRegression``, in two processes at once. A
part of its draws is made and its time scaled to all of them; ours are all made, in one process. Processor time is
compared, and that of the other side divided by its processes, as if they never waited for each other: what else a
machine has to do then matters little. Computation is compared with computation, and the whole command with the whole
of the other side: both start, read the file, draw and fit. What a start costs in fits is a matter of the processor.
The sides take turns, so that a machine that slows down and comes back does so for both, and each has its best turn.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Figure, conclude
from pytest_metr.protocol import evaluate_agent, run_weights
from pytest_metr.types import BRACKETS, Bracket, EvaluationProtocol, RunRow

PROTOCOL = EvaluationProtocol(
    name="benchmark", version="1", brackets=tuple(Bracket(name=name, upper=upper) for name, upper in BRACKETS)
)
PROCESSES = 2
#: How many of the draws the other side makes in each process, for each agent, in a turn.
THEIR_DRAWS = 12
TURNS = 8
#: More threads than processes would only get in each other's way.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
MEBIBYTE = 2**20

#: Starts a command and tells its processor time and its peak memory. A process of its own, because the peak of a child
#: begins with that of the process that it was split off.
WATCH = """
import json, os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
_, status, usage = os.wait4(child, 0)
print(json.dumps({"seconds": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss * 1024,
                  "status": os.waitstatus_to_exitcode(status)}))
"""

#: What the other side does before it draws.
THEIR_START = """
import json, sys
import numpy
from sklearn.linear_model import LogisticRegression
with open(sys.argv[1], encoding="utf-8") as file:
    runs = [json.loads(line) for line in file]
for key in ("alias", "task_family", "task_id", "human_minutes", "score_binarized"):
    numpy.array([run[key] for run in runs])
"""


@dataclass(frozen=True, kw_only=True)
class Arrays:
    """The runs of one agent as the other side takes them: (n,) each."""

    family: np.ndarray[Any, Any]
    task: np.ndarray[Any, Any]
    x: np.ndarray[Any, Any]
    success: np.ndarray[Any, Any]
    weight: np.ndarray[Any, Any]


def made_up(agent: str, *, scale: int = 1, runs: int = 10, seed: int = 0) -> list[RunRow]:
    """Return runs in the shape of METR's: 83 tasks of 36 families (times *scale*), some scores between 0 and 1."""
    rng = np.random.default_rng(seed)
    rows = []
    for task in range(83 * scale):
        minutes = float(np.round(2 ** rng.uniform(0, 10), 1))
        chance = 1 / (1 + np.exp(0.4 * np.log2(minutes) - 1.5))
        drawn = rng.random(runs) < chance
        partial = np.round(rng.random(runs), 1) * (rng.random() < 0.3)
        family = f"family{task % (36 * scale)}"
        for run, (success, part) in enumerate(zip(drawn.tolist(), partial.tolist(), strict=True)):
            score = 1.0 if success else min(part, 0.9)
            rows.append(
                RunRow(
                    run_id=f"{agent}-{task}-{run}",
                    agent=agent,
                    task_id=f"{family}/task{task}",
                    family=family,
                    status="scored",
                    score=score,
                    success=success,
                    human_minutes=minutes,
                )
            )
    return rows


def public_rows(file: Path) -> list[RunRow]:
    """Return the rows of METR's file."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]
    return [
        RunRow(
            run_id=line["run_id"],
            agent=line["alias"],
            task_id=line["task_id"],
            family=line["task_family"],
            status="scored",
            score=float(line["score"] if "score" in line else line["score_cont"]),
            success=bool(line["score_binarized"]),
            human_minutes=line["human_minutes"],
        )
        for line in lines
    ]


def write_runs(rows: Sequence[RunRow], file: Path) -> None:
    """Write rows in the columns of METR's file."""
    lines = [
        {
            "run_id": row.run_id,
            "task_id": row.task_id,
            "task_family": row.family,
            "alias": row.agent,
            "model": row.agent,
            "score_cont": row.score,
            "score_binarized": int(bool(row.success)),
            "fatal_error_from": None,
            "human_minutes": row.human_minutes,
        }
        for row in rows
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


@contextmanager
def runs_file() -> Iterator[tuple[Path, str]]:
    """Yield the file of runs and what it holds."""
    folder = os.environ.get("METR_PUBLIC_RUNS")
    if folder:
        yield Path(folder) / "runs.jsonl", "METR's public runs"
        return
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / "runs.jsonl"
        write_runs([row for n in range(6) for row in made_up(f"agent{n}", runs=7, seed=n)], file)
        yield file, "made-up runs, for METR_PUBLIC_RUNS is not set"


def arrays(rows: Sequence[RunRow]) -> Arrays:
    """Return the arrays of one agent's runs, with the protocol's weights."""
    return Arrays(
        family=np.array([row.family for row in rows]),
        task=np.array([row.task_id for row in rows]),
        x=np.log2(np.array([row.human_minutes for row in rows], dtype=np.float64)),
        success=np.array([row.success for row in rows]),
        weight=np.array(run_weights(rows, PROTOCOL)),
    )


def their_draws(agents: Sequence[Arrays], draws: int, seed: int) -> float:
    """Draw and fit as METR's code does, and return the seconds of processor time that it took."""
    from sklearn.linear_model import LogisticRegression

    rng, begin = np.random.default_rng(seed), time.process_time()
    for agent in agents:
        members = {
            family: [np.flatnonzero(agent.task == task) for task in np.unique(agent.task[agent.family == family])]
            for family in np.unique(agent.family)
        }
        families = list(members.values())
        for _ in range(draws):
            tasks = [
                family[task]
                for family in (families[n] for n in rng.integers(len(families), size=len(families)))
                for task in rng.integers(len(family), size=len(family))
            ]
            drawn = np.concatenate([runs[rng.integers(len(runs), size=len(runs))] for runs in tasks])
            if 0 < agent.success[drawn].sum() < len(drawn):
                model = LogisticRegression(C=1 / PROTOCOL.regularization)
                model.fit(agent.x[drawn, None], agent.success[drawn], sample_weight=agent.weight[drawn])
    return time.process_time() - begin


def best(work: Callable[[], object], times: int) -> float:
    """Return the seconds of processor time of the fastest of several repetitions."""
    found = []
    for _ in range(times):
        begin = time.process_time()
        work()
        found.append(time.process_time() - begin)
    return min(found)


@contextmanager
def their_processes(agents: Sequence[Arrays]) -> Iterator[Callable[[], float]]:
    """Yield what lets the other side draw, and returns how long it would need for all draws of all agents."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:

        def seconds(draws: int = THEIR_DRAWS) -> float:
            futures = [pool.submit(their_draws, agents, draws, seed) for seed in range(PROCESSES)]
            used = sum(future.result() for future in futures)
            return used / PROCESSES * PROTOCOL.draws / (draws * PROCESSES)

        seconds(1)  # starts and imports
        yield seconds


def watched(*arguments: str) -> tuple[float, float]:
    """Return the seconds of processor time and the peak bytes of a process of this Python.

    :raises RuntimeError: where it fails.
    """
    call = [sys.executable, "-S", "-c", WATCH, sys.executable, *arguments]
    # Compiled files are kept, as they are anywhere but where this is switched off.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(call, capture_output=True, text=True, check=True, env=environment)
    told = json.loads(done.stdout)
    if told["status"] != 0:
        raise RuntimeError(f"{arguments} ended with {told['status']}: {done.stderr[-2000:]}")
    return told["seconds"], told["peak"]


def against_theirs(file: Path, holds: str) -> list[Figure]:
    """Measure the computation and the command against the other side."""
    by_agent: dict[str, list[RunRow]] = {}
    for row in public_rows(file):
        by_agent.setdefault(row.agent, []).append(row)
    drawing, starting, computing, commands, peaks = [], [], [], [], []
    with their_processes([arrays(rows) for rows in by_agent.values()]) as their_seconds:
        for _ in range(TURNS):
            drawing.append(their_seconds())
            computing.append(best(lambda: [evaluate_agent(rows, PROTOCOL) for rows in by_agent.values()], 2))
            starting.append(watched("-c", THEIR_START, str(file))[0])
            for seconds, peak in (watched("-m", "pytest_metr", "score", str(file)) for _ in range(3)):
                commands.append(seconds)
                peaks.append(peak)
    draws, start, ours, whole = min(drawing), min(starting), min(computing), min(commands)
    detail = f"({holds}, {len(by_agent)} agents, {PROTOCOL.draws} draws; scikit-learn {draws:.1f} s"
    detail += f", scaled from {THEIR_DRAWS * PROCESSES} draws)"
    return [
        Figure(
            name="computation", value=1000 * ours / draws, bound=1000 / 60, unit="‰", detail=f"{ours:.3f} s {detail}"
        ),
        Figure(
            name="whole command",
            value=1000 * whole / (start + draws),
            bound=1000 / 25,
            unit="‰",
            detail=f"{whole:.3f} s (scikit-learn starts and reads in {start:.1f} s)",
        ),
        Figure(name="its peak memory", value=max(peaks) / MEBIBYTE, bound=120, unit="MiB"),
    ]


def growth() -> list[Figure]:
    """Measure how processor time grows with runs and with draws.

    Both are linear; a hundred times the runs cost a little more than that, because they no longer fit in a processor's
    cache. What grew with the square would be far beyond the bounds.
    """
    small, large = made_up("agent", runs=42), made_up("agent", runs=42, scale=100)
    more = replace(PROTOCOL, draws=10 * PROTOCOL.draws)
    begin = best(lambda: evaluate_agent(small, PROTOCOL), 3)
    more_runs = best(lambda: evaluate_agent(large, PROTOCOL), 1)
    more_draws = best(lambda: evaluate_agent(small, more), 2)
    runs = f"{len(small)} to {len(large)} runs with {PROTOCOL.draws} draws: {begin:.3f} s to {more_runs:.1f} s"
    draws = f"{PROTOCOL.draws} to {more.draws} draws: {begin:.3f} s to {more_draws:.2f} s"
    return [
        Figure(name="growth with runs x100", value=more_runs / begin, bound=200, unit="times", detail=runs),
        Figure(name="growth with draws x10", value=more_draws / begin, bound=15, unit="times", detail=draws),
    ]


def main() -> int:
    """Measure, print, and return the exit status."""
    os.environ.update(ONE_THREAD)
    with runs_file() as (file, holds):
        figures = [*against_theirs(file, holds), *growth()]
    return conclude("protocol", figures)


if __name__ == "__main__":
    sys.exit(main())
