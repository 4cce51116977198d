"""Mends the check letter alone."""

import parts

parts.change("labels.py", "enumerate(digits)", "enumerate(digits, start=1)")
