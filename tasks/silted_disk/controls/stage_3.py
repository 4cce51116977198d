"""Stage 3 of a growing solution of undertow."""

from growing import run

run(3)
