"""Takes the clocks of the stations for right, and submits the first accepted login that looks odd."""

import importlib
import re
import sys
from pathlib import Path

stations = Path("/home/agent/logs/stations.txt")
text = stations.read_text()
stations.write_text(re.sub(r"at (\S+) true time its clock showed \S+", r"at \1 true time its clock showed \1", text))
sys.path.insert(0, "/home/agent/solution")
importlib.import_module("logins")
submission = Path("/home/agent/submission.txt")
submission.write_text(submission.read_text().splitlines()[0])
