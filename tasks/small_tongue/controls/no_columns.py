"""Places of errors have a line and no column."""

import sys

sys.path.insert(0, "/home/agent/solution")
import reduced

reduced.hand_in("places")
