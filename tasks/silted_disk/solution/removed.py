"""Recovers the removed files and writes the digests of their contents."""

import hashlib
import json
from pathlib import Path

from disk import Image
from recover import recover

HOME = Path("/home/agent")


def main():
    found = recover(Image(HOME / "disk.img"))
    answer = {name: hashlib.sha256(data).hexdigest() for name, data in found.items()}
    (HOME / "answer.json").write_text(json.dumps(answer, indent=1))


if __name__ == "__main__":
    main()
