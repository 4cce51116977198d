"""Knows of no counter that begins again at 0: neither of records nor of generations."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve

solve.follows = lambda seq, last: last is None or seq in (last, last + 1)


def live(found):
    newest = max(found)
    chain = []
    while newest in found:
        chain.insert(0, found[newest])
        newest -= 1
    return chain


solve.live = live
solve.main(sys.argv[1])
