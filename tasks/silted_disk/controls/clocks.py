"""What attempts with wrong clocks have in common: the solution, after a change of what it is told of the stations."""

import importlib
import re
import sys
from pathlib import Path

STATIONS = Path("/home/agent/logs/stations.txt")
SUBMISSION = Path("/home/agent/submission.txt")


def submit_first(told):
    """Write the stations' clocks as *told* says (group 1: the true time, group 2: what was shown), and solve."""
    text = STATIONS.read_text()
    STATIONS.write_text(re.sub(r"at (\S+) true time its clock showed (\S+)", told, text))
    sys.path.insert(0, "/home/agent/solution")
    importlib.import_module("logins")
    SUBMISSION.write_text(SUBMISSION.read_text().splitlines()[0])
