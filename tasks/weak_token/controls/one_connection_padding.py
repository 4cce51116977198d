"""Uses the leak rightly, but over one connection: what it has read of the text when that is closed, it submits."""

import sys
import zlib
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")
import solve


class Once(solve.Client):
    def ask(self, *words):
        reply = super().ask(*words)
        if self.stream is None:
            Path("/home/agent/submission.txt").write_text(f"flag{{{reply}}}")
            raise SystemExit(0)
        return reply


Path("/home/agent/submission.txt").write_text(solve.padding(Once()) + f"{zlib.crc32(b''):08x}")
