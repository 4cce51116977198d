"""Reads the tree and leaves the amendments out."""

import variant

variant.write(
    (
        "        while sector:\n            fields = self._fields(sector, AMENDMENT)",
        "        while sector and False:\n            fields = self._fields(sector, AMENDMENT)",
    )
)
