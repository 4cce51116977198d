"""The core, types and match without the check whether it covers everything, and deferred blocks."""

import sys

sys.path.insert(0, "/home/agent/solution")
import reduced

reduced.hand_in(
    *(part for part in reduced.REST if part not in ("types", "defer")),
)
