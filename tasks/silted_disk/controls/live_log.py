"""Trusts the log as it stands: the sessions whose logins were taken out of it are not seen."""

import importlib
import sys

sys.path.insert(0, "/home/agent/solution")
importlib.import_module("undertow").solve(False, False, False, False, False)
