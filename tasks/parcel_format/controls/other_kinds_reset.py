"""Lets a value build on the key's last value only where that was of the same kind."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve


class Decoder(solve.RecordDecoder):
    def value(self, key, kind):
        self.before = {(k, n): value for (k, n), value in self.before.items() if k != key or n == kind}
        return super().value(key, kind)


solve.hand_in(solve.decoded(lambda data: Decoder(data).records()))
