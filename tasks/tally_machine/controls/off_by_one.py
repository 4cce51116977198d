"""Programs that are fast and right but for one edge case: none of the score of that program is left."""

import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")
import programs

task = sys.argv[1]
if task == "mend":
    path = Path("/home/agent/peak.tal")
    path.write_text(path.read_text().replace("set r2, 1            ;", "set r2, 2            ;"))
elif task == "ahead":
    # Among equal values the later one is taken for larger.
    text = programs.AHEAD.replace("jge r4, r3, push", "or r11, r3, 1023\n jge r4, r11, push")
    Path("/home/agent/ahead.tal").write_text(text.replace("jlt r4, r3, pop", "jlt r4, r11, pop"))
else:
    # Two of the five are right for the visible cases and large inputs, not for small ones.
    weave = programs.weave().replace("jge r5, r6, rest", "")
    Path("/home/agent/weave.tal").write_text(weave)
    Path("/home/agent/needles.tal").write_text(
        programs.needles().replace("rest: add r2, r2, 15", "rest: add r2, r2, 16")
    )
    Path("/home/agent/ranks.tal").write_text(programs.plain("ranks"))
