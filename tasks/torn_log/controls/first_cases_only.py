"""A reader for what the first logs have; what it does not know ends the log, or is applied at once."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve


class Store(solve.Store):
    def apply(self, kind, tx, key, value):
        super().apply(kind, 0 if kind in solve.CHANGES else tx, key, value)


solve.is_padding = lambda *_: False
solve.follows = lambda seq, last: last is None or seq == last + 1
solve.Store = Store
solve.main(sys.argv[1])
