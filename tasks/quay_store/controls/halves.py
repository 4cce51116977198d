"""Sound and half as thrifty as possible: a checkpoint is written as soon as half of the ring is in use."""

import variant

variant.write(("self.used + sectors + self.bound() > self.ring.size", "self.used + sectors > self.ring.size // 2 - 30"))
