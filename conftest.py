"""What holds for every pytest run of this repository."""

#: Families that are fixtures of tests, and not tasks of the suite.
collect_ignore = ["tests/fixtures"]
