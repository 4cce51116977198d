"""Takes evaporation for a power of the wind, which is nothing in still air."""

import sys

sys.path.insert(0, "/home/agent/solution")

import evaporation

evaporation.main(offsets=[0.0001])
