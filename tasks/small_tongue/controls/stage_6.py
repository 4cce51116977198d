"""All but units compared before the run, tail calls, and calls nested deep."""

import sys

sys.path.insert(0, "/home/agent/solution")
import reduced

reduced.hand_in("checked", "tail calls", "depth")
