"""The core is done."""

import sys

sys.path.insert(0, "/home/agent/solution")
import reduced

reduced.hand_in(*reduced.REST)
