"""The front end is done: programs are read, and names are checked; nothing is run."""

import sys

sys.path.insert(0, "/home/agent/solution")
import reduced

reduced.hand_in("running", *reduced.REST)
