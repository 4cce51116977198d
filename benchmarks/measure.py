"""What the benchmarks share: repositories to measure in, and how a figure is judged and shown.

Every bound is a ratio, or a difference, between two things measured in turn within one run, so that a slow or
busy machine slows both. The smaller of several repetitions is taken: noise only ever adds.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Without what neither side of a comparison needs, and what takes longer than either.
QUIET = ("-p", "no:hypothesispytest")

FAMILY = """
class TaskFamily:
    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return {{name: {{}} for name in {names!r}}}

    @staticmethod
    def get_instructions(t):
        return "Do nothing."

    @staticmethod
    def score(t, submission):
        return 0.0
"""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured figure and its bound."""

    name: str
    value: float
    bound: float
    unit: str
    detail: str = ""

    @property
    def good(self) -> bool:
        """Whether the figure keeps its bound."""
        return self.value <= self.bound

    def __str__(self) -> str:
        verdict = "ok" if self.good else "TOO MUCH"
        return f"{self.name}: {self.value:.2f} {self.unit} (at most {self.bound:g}) {verdict}  {self.detail}".rstrip()


def write_family(folder: Path, name: str, tasks: Sequence[str]) -> None:
    """Write a trivial family whose manifest names its tasks."""
    family = folder / name
    family.mkdir(parents=True)
    (family / f"{name}.py").write_text(FAMILY.format(names=list(tasks)), encoding="utf-8")
    entries = "".join(f"  {task}:\n    meta: {{human_minutes: {1 + i % 500}}}\n" for i, task in enumerate(tasks))
    (family / "manifest.yaml").write_text(f"version: 1.0.0\ntasks:\n{entries}", encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a command took: seconds by the clock, and seconds of processor time with all its children."""

    wall: float
    processor: float


def timed(run: Callable[[], None]) -> Cost:
    """Run something that starts and waits for processes, and return what it took."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run()
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(wall=wall, processor=processor)


def pytest_cost(root: Path, *arguments: str, status: Sequence[int] = (0,)) -> Cost:
    """Run pytest in a folder and return what it took.

    :raises RuntimeError: where its exit status is another than expected.
    """
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *QUIET, *arguments]
    # Compiled files are kept, as they are anywhere but where this is switched off: else both sides mostly compile.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, env=environment)
        if done.returncode not in status:
            raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")

    return timed(run)


def in_processes(target: Callable[..., None], shares: Sequence[tuple[Any, ...]]) -> Cost:
    """Run *target* with each of *shares* for its arguments, each in a fresh process, and return what all of it took.

    :raises RuntimeError: where a process ends with another status than 0.
    """
    context = multiprocessing.get_context("spawn")

    def run() -> None:
        processes = [context.Process(target=target, args=share) for share in shares]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
            if process.exitcode:
                raise RuntimeError(f"a process of the bare loop ended with {process.exitcode}")

    return timed(run)


@dataclass(frozen=True, kw_only=True)
class Overhead:
    """What sessions took beside a bare loop of the same runs: seconds by the clock, the smallest of some rounds.

    :param bare: of the loop.
    :param start: of sessions that only collect, which is what pytest and its workers take to start.
    :param everything: of sessions that make the runs.
    """

    bare: float
    start: float
    everything: float

    @classmethod
    def measured(cls, root: Path, options: Sequence[str], bare: Callable[[], Cost], *, rounds: int) -> Overhead:
        """Measure all three in turn. :raises RuntimeError: where a session ends as it should not."""
        loops, starts, sessions = [], [], []
        for number in range(rounds):
            loops.append(bare().wall)
            starts.append(pytest_cost(root, *options, f"--metr-out=e{number}", "-k", "nothing", status=(5,)).wall)
            sessions.append(pytest_cost(root, *options, f"--metr-out=o{number}", status=(1,)).wall)
        return cls(bare=min(loops), start=min(starts), everything=min(sessions))

    def figures(self, *, bound_runs: float, bound_all: float, runs: str) -> list[Figure]:
        """Return the two figures: of the runs without the start, and of all.

        :param runs: what was run, in a few words.
        """
        detail = f"{self.everything:.2f} s in all, {self.start:.2f} s of it start, against {self.bare:.2f} s"
        part = (self.everything - self.start) / self.bare
        return [
            Figure(name="runs", value=part, bound=bound_runs, unit="times", detail=detail),
            Figure(name="all", value=self.everything / self.bare, bound=bound_all, unit="times", detail=runs),
        ]


def conclude(title: str, figures: Sequence[Figure]) -> int:
    """Print the figures with what they were measured on, and return 0 where all keep their bounds, else 1."""
    print(f"{title} ({os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()})")
    for figure in figures:
        print(f"  {figure}")
    return 0 if all(figure.good for figure in figures) else 1
