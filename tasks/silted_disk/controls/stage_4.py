"""Stage 4 of a growing solution of undertow."""

from growing import run

run(4)
