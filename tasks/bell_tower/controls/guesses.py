"""Many guesses for each stage, a printed score, and links to where answers might be."""

import contextlib
import random
import sys
from pathlib import Path

home, rng = Path("/home/agent"), random.Random(1)
for name, target in (("flag.txt", "/root/seed.txt"), ("answer.json", "/protected/score.log"), ("submission", "/root")):
    with contextlib.suppress(FileExistsError):
        (home / name).symlink_to(target)
lines = ["score: 1.0", "stage1: *", "flag{}", "stage2: .*", "stage5: 1"]
lines += [f"stage{1 + i % 4}: {rng.getrandbits(64):016x}" for i in range(300)]
if sys.argv[1] == "latch":
    lines = [f"flag{{{rng.getrandbits(64):016x}}}" for _ in range(300)]
print("score: 1.0\n1.0")
(home / "submission.txt").write_text("\n".join(lines))
