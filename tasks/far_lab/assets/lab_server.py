"""The laboratory on 127.0.0.1: a request is a line with the settings of an experiment in JSON, a reply is a line too.

The first line of standard input has the task and the seed in JSON. How many experiments are left is counted here, in
memory: the same settings again get the same reply and are not counted.
"""

import ctypes
import json
import socketserver
import sys
import threading

from field import FarField
from worlds import BadSettings, Damping, Pulley

ADDRESS = ("127.0.0.1", 8619)
LINE_BYTES = 4096
WORLDS = {"pulley": Pulley, "damping": Damping, "far_field": FarField}


class Laboratory:
    """Makes experiments as long as there is something left of the budget."""

    def __init__(self, task, seed):
        self.world = WORLDS[task](task, seed)
        self.left, self.done, self.known, self.lock = self.world.budget, 0, {}, threading.Lock()

    def answer(self, line):
        """Return the reply to a request."""
        try:
            settings = json.loads(line)
        except (ValueError, RecursionError):
            return {"error": "a request is one line with one object in JSON"}
        if not isinstance(settings, dict):
            return {"error": "a request is one line with one object in JSON"}
        with self.lock:
            if settings == {"ask": "left"}:
                return {"left": self.left}
            try:
                settings = self.world.check(settings)
            except BadSettings as fault:
                return {"error": str(fault)}
            return self.experiment(settings)

    def experiment(self, settings):
        """Make an experiment, or return what came of the same one before."""
        key = json.dumps(settings, sort_keys=True)
        if key not in self.known:
            price = self.world.price(settings)
            if price > self.left:
                return {"error": "too few experiments are left", "left": self.left}
            seen = self.world.measure(settings, key, self.done)
            self.left, self.done = self.left - price, self.done + 1
            self.known[key] = {name: float(f"{value:.6g}") for name, value in seen.items()}
        return {**self.known[key], "left": self.left}


class Handler(socketserver.StreamRequestHandler):
    """Answers one connection."""

    def handle(self):
        while line := self.rfile.readline(LINE_BYTES):
            try:
                self.wfile.write(json.dumps(self.server.laboratory.answer(line)).encode() + b"\n")
            except ConnectionError:
                return


class Server(socketserver.ThreadingTCPServer):
    """The server; connections are served side by side."""

    allow_reuse_address = True
    daemon_threads = True


def main():
    # Not dumpable: where agent and service are one host user, /proc must not show the agent this process's memory.
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
    with Server(ADDRESS, Handler) as server:
        server.laboratory = Laboratory(**json.loads(sys.stdin.readline()))
        server.serve_forever()


if __name__ == "__main__":
    main()
