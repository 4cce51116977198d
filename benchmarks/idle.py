"""What the plugin costs in a repository without families: ``pytest --collect-only``, with it and without.

python -m benchmarks.idle
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Figure, conclude, pytest_cost

ROUNDS = 12
BOUND_MS = 20


def main() -> int:
    """Measure, print, and return the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (root / "test_one.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
        with_plugin, without = [], []
        for _ in range(ROUNDS):
            with_plugin.append(pytest_cost(root, "--collect-only", "-q").processor)
            without.append(pytest_cost(root, "--collect-only", "-q", "-p", "no:metr").processor)
    difference = (min(with_plugin) - min(without)) * 1000
    detail = f"{min(with_plugin) * 1000:.0f} ms against {min(without) * 1000:.0f} ms of processor time"
    return conclude("idle", [Figure(name="plugin", value=difference, bound=BOUND_MS, unit="ms", detail=detail)])


if __name__ == "__main__":
    sys.exit(main())
