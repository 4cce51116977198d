"""Stages 1 and 2."""

import importlib
import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")

attacks = importlib.import_module(f"on_{sys.argv[1]}")


def steps(attack):
    return attack.plate(), attack.striker()


plate, striker = attacks.attempts(steps) if sys.argv[1] == "carillon" else steps(attacks.Attack())
Path("/home/agent/submission.txt").write_text(f"stage1: {plate}\nstage2: {striker}\n")
