"""Better algorithms in all programs, the machine's quirks not made use of."""

import stages

stages.write(plain=["needles", "ranks", "spans", "tiles", "weave"])
