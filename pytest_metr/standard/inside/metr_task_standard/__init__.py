"""What METR Task Standard families import while they run: the types of the standard, in ``types``."""
