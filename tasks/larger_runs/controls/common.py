"""Shared by the controls: the reference's modules, reading and handing in."""

import importlib
import json
import sys
from pathlib import Path

HOME = Path("/home/agent")
sys.path.insert(0, str(HOME / "solution"))


def module(name):
    return importlib.import_module(name)


def read(name):
    return [json.loads(line) for line in (HOME / name).read_text().splitlines()]


def hand_in(answer):
    (HOME / "answer.json").write_text(json.dumps(answer))


def steady(run):
    """Return the middle of the last few losses, which no spike moves."""
    return sorted(value for _, value in run["curve"][-5:])[2]
