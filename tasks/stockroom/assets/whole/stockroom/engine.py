"""Applies events and writes the report."""

from .holds import Holds
from .layers import Layers, split_last
from .money import to_cents


class Sku:
    """All that is known of one article."""

    def __init__(self):
        self.layers = Layers()
        self.holds = Holds()
        self.issued = 0
        self.delivered = False

    def free(self, now):
        """Return how many units nobody holds."""
        return self.layers.units - self.holds.total(now)


class Engine:
    """The stockroom while events are applied. Each action returns whether the event was accepted."""

    def __init__(self):
        self.skus = {}
        self.issues = {}

    def apply(self, event):
        """Apply one event."""
        sku = self.skus.setdefault(event["sku"], Sku())
        return getattr(self, "_" + event["kind"])(sku, event)

    def _receive(self, sku, event):
        sku.layers.receive(event["qty"], to_cents(event["cost"]))
        sku.delivered = True
        return True

    def _reserve(self, sku, event):
        if event["qty"] > sku.free(event["at"]):
            return False
        sku.holds.place(event["ref"], event["qty"], event["at"], event["ttl"])
        return True

    def _cancel(self, sku, event):
        sku.holds.drop(event["ref"])
        return True

    def _issue(self, sku, event):
        ref, now = event.get("ref"), event["at"]
        if event["qty"] > max(sku.free(now), sku.holds.of(ref, now)):
            return False
        sku.holds.use(ref, event["qty"], now)
        runs = sku.layers.take(event["qty"])
        sku.issued += sum(cents * count for cents, count in runs)
        self.issues[event["id"]] = (event["sku"], runs)
        return True

    def _return(self, sku, event):
        _, runs = self.issues.get(event["issue"], (None, []))
        if event["qty"] > sum(count for _, count in runs):
            return False
        stays, back = split_last(runs, event["qty"])
        self.issues[event["issue"]] = (event["sku"], stays)
        sku.layers.put_back(back)
        sku.issued -= sum(cents * count for cents, count in back)
        return True


def in_order(events):
    """Return the events without retries in the order in which they are applied."""
    ordered = sorted(events, key=lambda event: (event["at"], event["id"]))
    first = {}
    for event in ordered:
        first.setdefault(event["id"], event)
    return list(first.values())


def run(events):
    """Apply the events and return the report."""
    engine, refused, now = Engine(), [], 0
    for event in in_order(events):
        now = event["at"]
        if not engine.apply(event):
            refused.append(event["id"])
    skus = {
        name: {
            "on_hand": sku.layers.units,
            "held": sku.holds.total(now),
            "value": sku.layers.value,
            "issued": sku.issued,
        }
        for name, sku in engine.skus.items()
        if sku.delivered
    }
    return {"skus": skus, "refused": refused}
