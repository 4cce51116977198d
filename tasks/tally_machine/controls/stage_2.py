"""Better algorithms in three of the five programs."""

import stages

stages.write(plain=["needles", "ranks", "spans"])
