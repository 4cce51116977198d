"""Runs in a child process with the handed-in code: calls on standard input, one result a line on standard output.

Usage: ``harness.py FOLDER``. A result line is the number of the call, a blank and the result as JSON. What the
handed-in code itself prints goes elsewhere; whatever it does, it can only change the results of its own calls.
"""

import importlib
import json
import os
import sys


def result_line(module, function, args):
    """Return the result of a call as JSON, or None where it fails, whatever the reason."""
    try:
        result = getattr(importlib.import_module(module), function)(*args)
        return json.dumps(result, sort_keys=True, allow_nan=False)
    except (Exception, SystemExit):  # noqa: BLE001 - the handed-in code may raise anything
        return None


def main():
    results = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.path.insert(0, sys.argv[1])
    sys.dont_write_bytecode = True
    for number, call in enumerate(json.load(sys.stdin)):
        line = result_line(*call)
        if line is not None:
            results.write(f"{number} {line}\n")
            results.flush()


main()
