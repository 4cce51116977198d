"""States, transactions and the size are right; all is written when the store is closed, and not before."""

import variant

variant.write(
    ("    def append(self, body):\n", "    def append(self, body):\n        self.clean = False\n        return\n"),
    *variant.NO_SALVAGE,
)
