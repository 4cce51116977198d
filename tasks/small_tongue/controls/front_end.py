"""Programs are read and checked, but not run."""

import sys

sys.path.insert(0, "/home/agent/solution")
import reduced

reduced.hand_in("running")
