"""Stage 4 of a growing reader."""

import growing

growing.run(4)
