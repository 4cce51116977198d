"""Reads 3C 7 as 307."""

import sys

sys.path.insert(0, "/home/agent/solution")

import archive

archive.submit(archive.from_quay(long_hundred=100) + archive.from_jetty())
