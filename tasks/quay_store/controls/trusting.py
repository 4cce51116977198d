"""Believes every sector, and takes the first head."""

import variant

variant.write(
    ("data[CHECKED:] != check_of(sector, data) or not data.startswith(kind)", "False"),
    ("heads[-1] if heads[-1].is_later_than(heads[0]) else heads[0]", "heads[0]"),
)
