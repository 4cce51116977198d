"""Asks far more than the budget has, from many sides at once, also for the conditions that are held out."""

import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MAKE = {
    "pulley": lambda i: {"load": 1 + i / 100, "drop": 2},
    "damping": lambda i: {"speed": 1 + i / 100, "load": 2, "fill": 1},
    "far_field": lambda i: {"do": "gauge", "length": 1 + i / 100},
}


def ask(settings):
    """Return the reply over a connection of its own."""
    with socket.create_connection(("127.0.0.1", 8619)) as connection:
        connection.sendall(json.dumps(settings).encode() + b"\n")
        return json.loads(connection.makefile().readline())


given = json.loads(Path("/home/agent/conditions.json").read_text())
with ThreadPoolExecutor(8) as pool:
    replies = list(pool.map(ask, [*given.values(), *map(MAKE[sys.argv[1]], range(400))]))
made = sum("error" not in reply for reply in replies)
assert made <= {"pulley": 12, "damping": 60, "far_field": 200}[sys.argv[1]], "more than the budget"
found = {
    name: [v for key, v in reply.items() if key not in ("left", "error")]
    for name, reply in zip(given, replies, strict=False)
}
Path("/home/agent/answer.json").write_text(json.dumps(found))
