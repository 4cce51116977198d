"""Takes an offset of 0.5 m/s."""

import sys

sys.path.insert(0, "/home/agent/solution")

import evaporation

evaporation.main(offsets=[5])
