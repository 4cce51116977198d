"""Models: the APIs, the way to their servers, and asking within a run's limits."""
