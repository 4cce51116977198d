"""Whole curves, but one evaluator's losses are taken for right."""

from growing import run

run(faults=("sequences", "bits"))
