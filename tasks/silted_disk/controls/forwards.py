"""Takes the free list as it lies, for removed files in the directory: the blocks are in the wrong order."""

import hashlib
import importlib
import json
import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")
recover, disk = importlib.import_module("recover"), importlib.import_module("disk")
image = disk.Image("/home/agent/disk.img")
answer = {}
for entry in image.listed():
    if entry["flag"] == 2:
        data = recover.whole(image, [image.free()], entry["size"], entry["crc"])
        if data is not None:
            answer[entry["name"]] = hashlib.sha256(data).hexdigest()
Path("/home/agent/answer.json").write_text(json.dumps(answer))
