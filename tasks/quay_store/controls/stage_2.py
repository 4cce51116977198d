"""A log and checkpoints, but heads are written without a flush before, and old records are taken for new."""

import variant

variant.write(
    (
        "        self.ring.write(self.start, data)\n        self.device.flush()\n",
        "        self.ring.write(self.start, data)\n",
    ),
    ("self.chain = checksum", "self.chain = 0"),
    ("self.chain = zlib.crc32(data)", "self.chain = 0"),
    *variant.NO_SALVAGE,
)
