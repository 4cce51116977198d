"""What the whole repository's pytest runs have: pytest's own helper for testing plugins."""

pytest_plugins = ["pytester"]
