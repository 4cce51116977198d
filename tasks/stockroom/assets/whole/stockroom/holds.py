"""Reservations: how many units are held, for whom and until when."""

NOTHING = {}


class Holds:
    """The reservations of one sku."""

    def __init__(self, held=None):
        self._held = held or NOTHING

    def of(self, ref, now):
        """Return how many units *ref* holds at the minute *now*."""
        units, end = self._held.get(ref, (0, 0))
        return units if now <= end else 0

    def total(self, now):
        """Return how many units are held in all."""
        return sum(self.of(ref, now) for ref in self._held)

    def place(self, ref, units, now, ttl):
        """Hold units for *ref*, in addition to those that it holds already."""
        before = self.of(ref, now)
        self._held[ref] = (before + units, now + ttl)

    def use(self, ref, units, now):
        """Use up units of *ref*, as far as it holds any."""
        if ref in self._held:
            self._held[ref] = (max(0, self.of(ref, now) - units), self._held[ref][1])

    def drop(self, ref):
        """Hold nothing for *ref* any more."""
        self._held.pop(ref, None)
