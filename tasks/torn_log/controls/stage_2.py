"""Stage 2 of a growing reader."""

import growing

growing.run(2)
