"""Fits one law to all salinities."""

import sys

sys.path.insert(0, "/home/agent/solution")

import evaporation

evaporation.main(crust_from=9)
