"""Takes the second byte of a long length for a filler, as it looks where a text has 128 to 255 bytes."""

import sys

sys.path.insert(0, "/home/agent/solution")
import solve


def decode(data):
    values, place = [], 5
    for _ in range(data[4]):
        tag, size = data[place], data[place + 1]
        place += 2 + (size >= 0x80)
        body = data[place : place + size]
        place += size
        values.append(body.decode() if tag == 1 else solve.unzigzag(int.from_bytes(body, "big")))
    return values


solve.hand_in(solve.decoded(decode))
