"""The faults are put right; the rate has no effect."""

from growing import NO_RATE, run

run(NO_RATE)
