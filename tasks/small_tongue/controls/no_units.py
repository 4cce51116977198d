"""Units and formats are left out."""

import sys

sys.path.insert(0, "/home/agent/solution")
import reduced

reduced.hand_in("units", "texts")
