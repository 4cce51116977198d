"""Stage 5 of a growing reader."""

import growing

growing.run(5)
