"""Makes the right message, and gives up where the service hangs up."""

import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")
import solve


class Once(solve.Client):
    def ask(self, *words):
        reply = super().ask(*words)
        if self.stream is None:
            Path("/home/agent/submission.txt").write_text(reply)
            raise SystemExit(0)
        return reply


Path("/home/agent/submission.txt").write_text(solve.extension(Once()))
