"""Rounds what is taken down; the order of the layers stays as it was."""

import parts

parts.change("costing.py", "cents * (units - taken) // units", "cents - cents * taken // units")
