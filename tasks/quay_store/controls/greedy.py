"""Right, but reads all sectors at the beginning."""

import variant

variant.write(
    (
        "        self.device = device\n",
        "        self.device = device\n        self.all = device.read(0, device.sectors)\n",
    ),
    ("data = self.device.read(sector)", "data = self.all[sector * 128 : sector * 128 + 128]"),
)
