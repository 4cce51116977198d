"""The faults are put right; repeated data are worth as much as new data."""

from growing import NO_REPEAT, run

run(NO_REPEAT)
