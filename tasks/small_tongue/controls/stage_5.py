"""The core, types, match, deferred blocks, modules, steps and feeds."""

import sys

sys.path.insert(0, "/home/agent/solution")
import reduced

reduced.hand_in("tasks", "channels", "annotations", "checked", "tail calls", "depth")
