"""Mends the blanks around labels alone."""

import parts

parts.change("labels.py", "label.upper()", 'label.strip(" ").upper()')
