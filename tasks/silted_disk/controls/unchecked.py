"""Recovers by position alone: takes the first run of blocks that ends in what looks free, and checks no CRC."""

import hashlib
import importlib
import json
import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")
recover, disk = importlib.import_module("recover"), importlib.import_module("disk")
image = disk.Image("/home/agent/disk.img")
blocks, answer = image.free()[::-1], {}
for entry in sorted((e for e in image.listed() if e["flag"] == 2), key=lambda e: -e["written"]):
    need = max(1, entry["blocks"])
    run, blocks = blocks[-need:], blocks[:-need]
    answer[entry["name"]] = hashlib.sha256(recover.pieces(image, run, entry["size"])).hexdigest()
Path("/home/agent/answer.json").write_text(json.dumps(answer))
