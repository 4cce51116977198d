"""Nothing is checked before the run."""

import sys

sys.path.insert(0, "/home/agent/solution")
import reduced

reduced.hand_in("checks")
