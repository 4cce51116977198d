"""Reads ledgers with keys in the usual order."""

import variant

variant.write(("    return len(key), key", "    return key"))
