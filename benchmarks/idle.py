"""What the plugin costs in a repository without families: ``pytest --collect-only``, with it and without.

    python -m benchmarks.idle

Both sides are forks of one process that has imported pytest and nothing of the plugin, so what is measured is the
plugin's own import and work and not, each time again, pytest's. Sides take turns; the median of the differences
of neighbours is told, because on a busy machine single runs differ by more than the plugin costs.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

import pytest

from benchmarks.measure import QUIET, Figure, conclude

ROUNDS = 60
BOUND_MS = 20


def forked_run(root: Path, *arguments: str) -> float:
    """Run pytest in a fork and return the seconds of processor time that it took.

    :raises RuntimeError: where it fails.
    """
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os.chdir(root)
        os._exit(int(pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *QUIET, *arguments])))
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        raise RuntimeError(f"pytest ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    """Measure, print, and return the exit status."""
    # As anywhere but where this is switched off: else both sides mostly compile.
    sys.dont_write_bytecode = False
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (root / "test_one.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
        forked_run(root)  # the first run compiles
        pairs = [(forked_run(root), forked_run(root, "-p", "no:metr")) for _ in range(ROUNDS)]
    difference = statistics.median(with_plugin - without for with_plugin, without in pairs) * 1000
    plain = statistics.median(without for _, without in pairs) * 1000
    detail = f"{ROUNDS} pairs; without it {plain:.0f} ms beside pytest's own import"
    return conclude("idle", [Figure(name="plugin", value=difference, bound=BOUND_MS, unit="ms", detail=detail)])


if __name__ == "__main__":
    sys.exit(main())
