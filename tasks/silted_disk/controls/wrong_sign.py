"""Corrects the clocks in the wrong direction."""

import clocks

clocks.submit_first(r"at \2 true time its clock showed \1")
