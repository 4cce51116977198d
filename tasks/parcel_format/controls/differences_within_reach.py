"""Lets numbers and texts build on the record before only, and on nothing where it lacks the key."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve


class Decoder(solve.RecordDecoder):
    def __init__(self, data):
        super().__init__(data)
        self.last_seen = {}

    def value(self, key, kind):
        number = self.data[4 : self.place].count(0xFF)
        if self.last_seen.get(key, number) < number - 1:
            self.before = {before: value for before, value in self.before.items() if before[0] != key}
        self.last_seen[key] = number
        return super().value(key, kind)


solve.hand_in(solve.decoded(lambda data: Decoder(data).records()))
