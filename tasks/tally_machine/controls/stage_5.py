"""Four programs tuned, one plain."""

import stages

stages.write(plain=["spans"], best=["needles", "ranks", "tiles", "weave"])
