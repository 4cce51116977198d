"""The faults are put right; repeated data, large batches and the rate have no effect."""

from growing import NO_CRITICAL, NO_RATE, NO_REPEAT, run

run(NO_REPEAT, NO_CRITICAL, NO_RATE)
