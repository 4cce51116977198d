"""Mends the reservations and the reading of money."""

import parts

parts.mend("whole", "stockroom/holds.py", "stockroom/money.py")
