"""Believes every sector, and takes the first head."""

import variant

variant.write(
    ("check(number, data[:126]) != data[126:] or data[0] != kind", "False"),
    ("len(heads) == 2 and 1 <= (heads[1][0] - heads[0][0]) % 65536 <= 32767", "False"),
)
