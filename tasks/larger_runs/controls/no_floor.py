"""The whole law on whole curves, without a constant that no run gets below."""

from growing import NO_FLOOR, run

run(NO_FLOOR)
