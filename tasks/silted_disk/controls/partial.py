"""Shared by partial attempts at removed: recovers with some of the reference's methods."""

import hashlib
import importlib
import json
import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")
recover, disk = importlib.import_module("recover"), importlib.import_module("disk")


def attempt(methods, tails, listed_only):
    image = disk.Image("/home/agent/disk.img")
    candidates = None
    if listed_only:
        candidates = {e["number"]: [e] for e in image.listed() if e["flag"] == 2}
    found = recover.recover(image, methods, tails, candidates)
    answer = {name: hashlib.sha256(data).hexdigest() for name, data in found.items()}
    Path("/home/agent/answer.json").write_text(json.dumps(answer))
