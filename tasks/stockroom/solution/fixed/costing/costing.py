"""Costs of stock, first in, first out; SPEC.md says how."""


class Stock:
    """The layers of one article."""

    def __init__(self):
        self.layers = []

    def receive(self, units, cents):
        """Add a delivery."""
        self.layers.append([units, cents])

    def issue(self, wanted):
        """Take *wanted* units and return their cost, or None where there are not enough."""
        if wanted > sum(units for units, _ in self.layers):
            return None
        cost = 0
        while wanted:
            units, cents = self.layers.pop(0)
            taken = min(units, wanted)
            part = cents * taken // units
            cost += part
            wanted -= taken
            if taken < units:
                self.layers.insert(0, [units - taken, cents - part])
        return cost

    def give_back(self, units, cents):
        """Return issued units to the stock."""
        self.layers.insert(0, [units, cents])

    def oldest(self):
        """Return the layer that is issued next, or None."""
        return list(self.layers[0]) if self.layers else None

    def all_layers(self):
        """Return the layers, the next to be issued first."""
        return [list(layer) for layer in self.layers]


def replay(operations):
    """Apply the operations to an empty stock and return their results."""
    stock = Stock()
    actions = {
        "receive": stock.receive,
        "issue": stock.issue,
        "give_back": stock.give_back,
        "oldest": stock.oldest,
        "layers": stock.all_layers,
    }
    return [actions[name](*values) for name, *values in operations]
