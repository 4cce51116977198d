"""Runs the reference for larger with some constants of the law kept at a value that takes their term away."""

from common import module

#: Number of the constant in the reference, and the value without effect.
NO_FLOOR, NO_REPEAT, NO_CRITICAL, NO_RATE = (0, 0.0), (5, 1e6), (6, 40.0), (7, 0.0)


def run(*without, **options):
    larger = module("larger")
    for number, value in without:
        larger.START[number] = value
    larger.solve(fixed=tuple(number for number, _ in without), **options)
