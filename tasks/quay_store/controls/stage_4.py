"""Sound, and dear: every change writes all of the store anew. A damaged sector makes all of it unreadable."""

import variant

variant.write(
    (
        '        self.append(b"".join(body))\n        self.apply(new)',
        "        self.apply(new)\n        self.checkpoint()",
    ),
    (
        '        self.append(b"K" + name.encode())\n        self.apply_keep(name)',
        "        self.apply_keep(name)\n        self.checkpoint()",
    ),
    (
        '        self.append(b"D" + name.encode())\n        self.apply_drop(name)',
        "        self.apply_drop(name)\n        self.checkpoint()",
    ),
    *variant.NO_SALVAGE,
)
