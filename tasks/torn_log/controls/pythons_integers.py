"""Asks int() what an integer is."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve


def is_integer(text):
    try:
        return str(int(text)) != ""
    except ValueError:
        return False


solve.is_integer = is_integer
solve.main(sys.argv[1])
