"""A few checks of the package; many more are made when the work is scored."""

import stockroom


def receive(name, at, qty, cost):
    return {"id": name, "at": at, "kind": "receive", "sku": "bolt", "qty": qty, "cost": cost}


def issue(name, at, qty, **more):
    return {"id": name, "at": at, "kind": "issue", "sku": "bolt", "qty": qty, **more}


CHECKS = {
    "first in, first out": (
        [receive("a", 1, 2, "2"), receive("b", 2, 2, "6"), issue("c", 3, 3)],
        {"on_hand": 1, "held": 0, "value": 300, "issued": 500},
    ),
    "an issue that comes back whole": (
        [
            receive("a", 1, 2, "2"),
            receive("b", 2, 2, "6"),
            issue("c", 3, 3),
            {"id": "d", "at": 4, "kind": "return", "sku": "bolt", "qty": 3, "issue": "c"},
            issue("e", 5, 2),
        ],
        {"on_hand": 2, "held": 0, "value": 600, "issued": 200},
    ),
    "a reservation that ends": (
        [
            receive("a", 1, 4, "8"),
            {"id": "b", "at": 2, "kind": "reserve", "sku": "bolt", "qty": 3, "ref": "r", "ttl": 5},
            issue("c", 7, 4),
        ],
        {"on_hand": 0, "held": 0, "value": 0, "issued": 800},
    ),
    "cents left over": (
        [receive("a", 1, 3, "1"), issue("b", 2, 1)],
        {"on_hand": 2, "held": 0, "value": 66, "issued": 34},
    ),
}

for name, (events, expected) in CHECKS.items():
    found = stockroom.run(events)["skus"]["bolt"]
    print("ok    " if found == expected else "FAILED", name, "->", found, "expected", expected)
