"""Mends the reservations."""

import parts

parts.mend("whole", "stockroom/holds.py")
