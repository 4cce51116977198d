"""The units of one sku as a queue of runs ``(cents of a unit, units)``."""


class Layers:
    """A queue of units with their costs."""

    def __init__(self):
        self._runs = []
        self._value = None

    @property
    def units(self):
        """How many units there are."""
        return sum(count for _, count in self._runs)

    @property
    def value(self):
        """What the units cost together."""
        if self._value is None:
            self._value = sum(cents * count for cents, count in self._runs)
        return self._value

    def receive(self, units, cents):
        """Add a delivery at the end."""
        base, extra = divmod(cents, units)
        self._runs += [run for run in ((base + 1, extra), (base, units - extra)) if run[1]]
        self._value = None

    def take(self, units):
        """Remove units from the head and return their runs in the order in which they left."""
        taken = []
        while units:
            cents, count = self._runs.pop(0)
            part = min(count, units)
            taken.append((cents, part))
            units -= part
            if part < count:
                self._runs.insert(0, (cents, count - part))
        self._value = None
        return taken

    def put_back(self, runs):
        """Put runs at the head, as they stood there before they were taken."""
        self._runs[:0] = runs
        self._value = None


def split_last(runs, units):
    """Split off the last *units* of *runs*: return what stays and what is split off."""
    stays, split = list(runs), []
    while units:
        cents, count = stays.pop()
        part = min(count, units)
        split.insert(0, (cents, part))
        units -= part
        if part < count:
            stays.append((cents, count - part))
    return stays, split
