"""Serves machines on 127.0.0.1, one for each connection.

Usage: ``service.py TASK PORT``, with the seed as one line of JSON on standard input.
"""

import ctypes
import itertools
import json
import socketserver
import sys
import threading

from devices import Tower, run

#: Machines at a time, seconds for which a connection may be silent, and bytes that are sent at once.
MACHINES, SILENCE, CHUNK = 48, 600, 16384


class HungUp(Exception):
    """The other side has gone."""


class Handler(socketserver.StreamRequestHandler):
    """Runs the machine of one connection."""

    timeout = SILENCE

    def handle(self):
        if not self.server.room.acquire(blocking=False):
            self.wfile.write(b"!BUSY\n")
            return
        try:
            self.pending = bytearray()
            machine = self.server.tower.connect(self.server.number(), self.read_byte, self.write)
            last_words = run(machine, self.server.tower.task)
            self.pending += last_words.encode()
            self.flush()
        except (HungUp, OSError):
            pass
        finally:
            self.server.room.release()

    def read_byte(self):
        self.flush()
        byte = self.rfile.read(1)
        if not byte:
            raise HungUp
        return byte[0]

    def write(self, byte):
        self.pending.append(byte)
        if len(self.pending) >= CHUNK:
            self.flush()

    def flush(self):
        if self.pending:
            self.wfile.write(self.pending)
            self.pending = bytearray()


class Server(socketserver.ThreadingTCPServer):
    """The server; machines run side by side."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        sys.stderr.write(f"a connection ended with {sys.exc_info()[1]!r}\n")


def main():
    # Not dumpable: where agent and service are one host user, /proc must not show the agent this process's memory.
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
    task, port = sys.argv[1], int(sys.argv[2])
    tower = Tower(json.loads(sys.stdin.readline())["seed"], task)
    counter, lock = itertools.count(), threading.Lock()

    def number():
        with lock:
            return next(counter)

    with Server(("127.0.0.1", port), Handler) as server:
        server.tower, server.number = tower, number
        server.room = threading.BoundedSemaphore(MACHINES)
        server.serve_forever()


if __name__ == "__main__":
    main()
