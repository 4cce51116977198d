"""The core runs, without formats, errors that are caught, and units."""

import sys

sys.path.insert(0, "/home/agent/solution")
import reduced

reduced.hand_in("units", "texts", "errors", *reduced.REST)
