"""Mends all modules but the engine."""

import parts

parts.mend("whole", "stockroom/holds.py", "stockroom/money.py", "stockroom/layers.py")
