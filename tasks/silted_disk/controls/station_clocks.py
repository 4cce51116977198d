"""Takes the clocks of the stations for right, and submits the first accepted login that looks odd."""

import clocks

clocks.submit_first(r"at \1 true time its clock showed \1")
