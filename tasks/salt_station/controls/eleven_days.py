"""Believes the keeper's account of the two calendars."""

import sys

sys.path.insert(0, "/home/agent/solution")

import archive

archive.submit(archive.from_quay(days_behind=11) + archive.from_jetty())
