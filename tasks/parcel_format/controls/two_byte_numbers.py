"""Takes every number for one or two bytes, as in all but the wildest samples."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve


class Decoder(solve.RecordDecoder):
    def varint(self):
        number = self.byte()
        return number if number < 0x80 else number & 0x7F | (self.byte() & 0x7F) << 7


solve.hand_in(solve.decoded(lambda data: Decoder(data).records()))
