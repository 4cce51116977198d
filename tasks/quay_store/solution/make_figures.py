"""For the author: writes assets/figures.json, the costs of the long series. Run it in the family's folder."""

import json
import random
import sys
import types
from pathlib import Path

sys.path[:0] = ["assets", "solution"]
import model  # noqa: E402
import quay  # noqa: E402
import suite  # noqa: E402


def cost(store, number, shape):
    """Return what the calls of a long series cost."""
    calls, _ = model.calls(random.Random(f"quay long {number}"), model.Model(), *shape)
    device = quay.Device()
    opened = store.create(device)
    for what, given in calls:
        getattr(opened, what)(given)
    return device.write_count + 2 * device.flush_count


def main():
    store = types.ModuleType("store")
    exec(compile(Path("solution/store.py").read_text(), "store.py", "exec"), store.__dict__)
    figures = [cost(store, number, shape) for number, shape in enumerate(suite.LONG)]
    Path("assets/figures.json").write_text(json.dumps(figures) + "\n")


main()
