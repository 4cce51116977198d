"""Two programs tuned, three plain."""

import stages

stages.write(plain=["ranks", "spans", "tiles"], best=["needles", "weave"])
