"""What it costs to write a large session as logs of Inspect.

    python -m benchmarks.export

The session is that of ``benchmarks.report``: 2,000 runs with 100 MB of transcripts. There is no bound: a log is
built in memory by Inspect's own code.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.report import MEBIBYTE, watched, write_session


def main() -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, logs = Path(scratch, "session"), Path(scratch, "logs")
        write_session(folder)
        size = sum(path.stat().st_size for path in (folder / "transcripts").iterdir())
        found = watched("export", str(folder), "--to", "inspect", "-o", str(logs))
        written = sum(path.stat().st_size for path in logs.iterdir())
    print(f"{size / 1e6:.0f} MB of transcripts become {written / 1e6:.0f} MB of logs")
    print(f"{found['seconds']:.0f} s, at most {found['peak'] / MEBIBYTE:.0f} MiB of memory")
    return 0


if __name__ == "__main__":
    sys.exit(main())
