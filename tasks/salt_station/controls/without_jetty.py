"""Takes the book for all that left."""

import sys

sys.path.insert(0, "/home/agent/solution")

import archive

archive.submit(archive.from_quay())
