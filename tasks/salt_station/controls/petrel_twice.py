"""Counts the cargo that came back."""

import sys

sys.path.insert(0, "/home/agent/solution")

import archive

archive.submit(archive.from_quay(petrel_twice=True) + archive.from_jetty())
