"""Runs the reference with steps left out. What the stages leave out is in STAGES; stage_N.py calls this."""

import importlib
import sys

STAGES = {
    1: {"freed": True, "mend": False, "restore": False, "clock": False, "tails": False},
    2: {"freed": True, "mend": False, "restore": False, "clock": True, "tails": False},
    3: {"freed": True, "mend": True, "restore": False, "clock": True, "tails": False},
    4: {"freed": True, "mend": True, "restore": False, "clock": True, "tails": True},
    5: {"freed": True, "mend": True, "restore": True, "clock": True, "tails": False},
}


def run(stage):
    sys.path.insert(0, "/home/agent/solution")
    importlib.import_module("undertow").solve(**STAGES[stage])
