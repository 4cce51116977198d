"""Submits a refused login from an unusual place, as a search for the unusual would find it."""

from pathlib import Path

for line in Path("/home/agent/logs/logins.txt").read_text().splitlines():
    time, station, account, result = line.split()
    if result == "refused":
        Path("/home/agent/submission.txt").write_text(f"{account} {time}")
