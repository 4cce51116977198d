"""What is right is right; mistakes are all reported alike."""

import sys

sys.path.insert(0, "/home/agent/solution")
import reduced

reduced.sums_with(('self.line = f"error at {place + 1}: {message}"', 'self.line = "error"'))
