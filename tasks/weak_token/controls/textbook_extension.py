"""Extends the message by the role as it is written; the service refuses fields that are there twice."""

import re
import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")
import solve

reply = solve.extension(solve.Client(), b"&role=admin")
Path("/home/agent/submission.txt").write_text(re.sub("^the word is ", "", reply))
