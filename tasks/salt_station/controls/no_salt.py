"""Takes evaporation not to depend on salinity but for the crust."""

import sys

sys.path.insert(0, "/home/agent/solution")

import evaporation

evaporation.main(slopes=[0])
