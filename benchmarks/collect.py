"""Collecting 10,000 tasks in 100 families, against plain pytest collecting 10,000 parametrised tests.

python -m benchmarks.collect
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Figure, conclude, pytest_cost, write_family

TASKS_PER_FAMILY = 100
FAMILIES = 100
ROUNDS = 6
BOUND_RATIO = 1.5
#: Ten times the tasks may take this much more than ten times as long, start left out.
BOUND_GROWTH = 1.3

PLAIN = "import pytest\n\n\n@pytest.mark.parametrize('n', range({count}))\ndef test_it(n):\n    pass\n"


def main() -> int:
    """Measure, print, and return the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        large, small, plain, empty = (Path(folder) / name for name in ("large", "small", "plain", "empty"))
        for root in (large, small, plain, empty):
            root.mkdir()
            (root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        names = [f"task_{n:03}" for n in range(TASKS_PER_FAMILY)]
        for number in range(FAMILIES):
            write_family(large, f"family_{number:03}", names)
            if number < FAMILIES // 10:
                write_family(small, f"family_{number:03}", names)
            test = plain / f"folder_{number:03}" / f"test_{number:03}.py"
            test.parent.mkdir()
            test.write_text(PLAIN.format(count=TASKS_PER_FAMILY), encoding="utf-8")
        taken: dict[str, list[float]] = {}
        for _ in range(ROUNDS):  # in turns, so that a slow minute of the machine hits all alike
            for root in (large, plain, small, empty):
                cost = pytest_cost(root, "--collect-only", "-q", "-q", status=(0, 5))
                taken.setdefault(root.name, []).append(cost.processor)
        costs = {name: min(values) for name, values in taken.items()}
    return conclude("collect", figures(costs))


def figures(costs: dict[str, float]) -> list[Figure]:
    """Return the ratio to plain pytest and the growth from 1,000 tasks to 10,000."""
    growth = (costs["large"] - costs["empty"]) / (costs["small"] - costs["empty"]) / 10
    return [
        Figure(
            name="10,000 tasks to 10,000 plain tests",
            value=costs["large"] / costs["plain"],
            bound=BOUND_RATIO,
            unit="times",
            detail=f"{costs['large']:.2f} s against {costs['plain']:.2f} s of processor time",
        ),
        Figure(
            name="10,000 tasks to ten times 1,000",
            value=growth,
            bound=BOUND_GROWTH,
            unit="times",
            detail=f"{costs['small']:.2f} s for 1,000, {costs['empty']:.2f} s for none",
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
