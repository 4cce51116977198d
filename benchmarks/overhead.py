"""100 no-op runs of a trivial family at ``-n 2``, against a bare loop in two processes.

    python -m benchmarks.overhead

The bare loop makes the same sandboxes and the same executions in them, without pytest, records or transcripts.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Overhead, conclude, in_processes, write_family
from pytest_metr.collect import Family, read_family
from pytest_metr.sandbox import BubblewrapProvider
from pytest_metr.standard import Lifecycle, Timeouts, build_family, layout_key, read_task_data
from pytest_metr.types import Resources

RUNS = 100
PROCESSES = 2
ROUNDS = 2
BOUND_RUNS = 1.5
BOUND_ALL = 2.5


def bare_runs(folder: Path, names: list[str]) -> None:
    """Make the runs of some tasks one after the other, as directly as it can be done."""
    family = read_family(folder)
    timeouts = Timeouts()
    provider = BubblewrapProvider()
    try:
        snapshot = provider.snapshot(
            layout_key(family.hash), lambda s: build_family(s, family.dir, secrets={}, timeouts=timeouts)
        )
        for name in names:
            bare_run(provider, snapshot, family, name, timeouts)
    finally:
        provider.close()


def bare_run(provider: BubblewrapProvider, snapshot: str, family: Family, name: str, timeouts: Timeouts) -> None:
    """Make one run: a sandbox, and the four calls of the family's methods in it."""
    task = family.task(name)
    with provider.create(snapshot, internet=False, resources=Resources(), label=name) as sandbox:
        data = read_task_data(sandbox, task, secrets={}, timeouts=timeouts)
        lifecycle = Lifecycle(sandbox, task, data, secrets={}, timeouts=timeouts)
        lifecycle.start()
        lifecycle.final_score("")
        lifecycle.teardown()


def main() -> int:
    """Measure, print, and return the exit status."""
    names = [f"task_{n:03}" for n in range(RUNS)]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        write_family(root, "trivial", names)
        shares = [(root / "trivial", names[start::PROCESSES]) for start in range(PROCESSES)]
        bare_runs(root / "trivial", names[:1])  # the family is built once, before anything is measured
        options = ("-n", str(PROCESSES), "--agent=noop", "--sandbox=bubblewrap", "-q")
        overhead = Overhead.measured(root, options, lambda: in_processes(bare_runs, shares), rounds=ROUNDS)
    figures = overhead.figures(bound_runs=BOUND_RUNS, bound_all=BOUND_ALL, runs=f"{RUNS} runs")
    return conclude("overhead", figures)


if __name__ == "__main__":
    sys.exit(main())
