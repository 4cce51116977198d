"""Mends the reservations, the reading of money and the spreading of cents."""

import parts

parts.mend("whole", "stockroom/holds.py", "stockroom/money.py")
SPREAD = "(base, units - extra), (base + 1, extra)"
parts.change("stockroom/layers.py", SPREAD, "(base + 1, extra), (base, units - extra)")
