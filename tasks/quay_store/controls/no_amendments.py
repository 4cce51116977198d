"""Reads the tree and leaves the amendments out."""

import variant

variant.write(("        while first:\n", "        while first and False:\n"))
