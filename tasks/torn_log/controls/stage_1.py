"""Stage 1 of a growing reader."""

import growing

growing.run(1)
