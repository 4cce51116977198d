"""Talks to the laboratory."""

import json
import socket

STREAM = []


def ask(**settings):
    """Make an experiment and return what was seen."""
    if not STREAM:
        STREAM.append(socket.create_connection(("127.0.0.1", 8619)).makefile("rw"))
    STREAM[0].write(json.dumps(settings) + "\n")
    STREAM[0].flush()
    reply = json.loads(STREAM[0].readline())
    if "error" in reply:
        raise SystemExit(f"{settings}: {reply['error']}")
    return reply
