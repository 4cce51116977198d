"""Takes the load for unimportant and measures how the time hangs on the drop."""

import math
import sys

sys.path.insert(0, "/home/agent/solution")

import lab
from solve import write

first, second = lab.ask(load=2, drop=2)["time"], lab.ask(load=2, drop=8)["time"]
power = math.log(second / first) / math.log(4)
write(lambda conditions: [[first * (c["drop"] / 2) ** power] for c in conditions])
