"""Keeps the oldest layer first; the rounding stays as it was."""

import parts

ADDED = "self.layers.insert(0, [units, cents])\n\n    def issue"
parts.change("costing.py", ADDED, ADDED.replace("insert(0, [units, cents])", "append([units, cents])"))
parts.change("costing.py", "self.layers.pop()", "self.layers.pop(0)")
parts.change("costing.py", "self.layers.append([units - taken, kept])", "self.layers.insert(0, [units - taken, kept])")
