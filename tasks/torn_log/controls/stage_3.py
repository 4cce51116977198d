"""Stage 3 of a growing reader."""

import growing

growing.run(3)
