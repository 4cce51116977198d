"""Skerry: run(program, lines, budget) gives the output of a program as a text."""

from .errors import OutOfSteps, StaticErrors
from .loader import Program
from .vm import Machine


def run(program, lines=(), budget=None):
    """*program* is the text of the module main, or a dictionary from the names of modules to their texts."""
    files = {"main": program} if isinstance(program, str) else program
    try:
        codes = Program(files).load()
    except StaticErrors as errors:
        return errors.report()
    machine = Machine(lines, budget)
    try:
        machine.run(codes)
        machine.report_unobserved()
    except OutOfSteps as over:
        machine.output.append(str(over))
    return "".join(machine.output)
