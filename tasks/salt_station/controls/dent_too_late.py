"""Leaves out the dented pan's runs from 101 on only."""

import sys

sys.path.insert(0, "/home/agent/solution")

import evaporation

evaporation.main(is_sound=lambda row: row["pan"] == "A" or int(row["run"]) <= 100)
