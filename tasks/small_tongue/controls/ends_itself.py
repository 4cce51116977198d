"""The reference, but the process is ended by every sixth program: the others must count none the less."""

import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")
import reduced

name = "sums" if sys.argv[1] == "sums" else "skerry"
if name == "sums":
    reduced.sums_with()
else:
    reduced.hand_in()
with Path(f"/home/agent/work/{name}.py").open("a") as module:
    module.write("""
whole_run = run


def run(*args):
    import os, zlib
    if zlib.crc32(repr(args).encode()) % 6 == 0:
        os._exit(0)
    return whole_run(*args)
""")
