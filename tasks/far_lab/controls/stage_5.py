"""The same, and flights, but as if the lamp did not shine on them."""

import sys

sys.path.insert(0, "/home/agent/solution")

from far import study
from solve import write

law = study()
write(lambda conditions: [law.predict({**c, "lamp": 0} if c["do"] == "fly" else c) for c in conditions])
