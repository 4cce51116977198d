"""A small server on 127.0.0.1: a request is a line of text, and so is its reply.

Usage: ``line_server.py SERVICE``, with the service's secrets as one line of JSON on standard input. SERVICE is a module
beside this one with a class ``Service``; ``Service(secrets).connect()`` gives a function that answers one connection's
requests, and raises :class:`ConnectionAbortedError` to end the connection.
"""

import ctypes
import importlib
import json
import socketserver
import sys

ADDRESS = ("127.0.0.1", 8437)
LINE_BYTES = 4096


class Handler(socketserver.StreamRequestHandler):
    """Answers one connection."""

    def handle(self):
        answer = self.server.service.connect()
        while line := self.rfile.readline(LINE_BYTES):
            command, *arguments = line.decode("utf-8", "replace").split() or [""]
            try:
                reply = "PONG" if command == "PING" else answer(command, arguments)
            except ConnectionAbortedError as end:
                self.wfile.write(f"{end}\n".encode())
                return
            except (ValueError, TypeError, IndexError):
                reply = "this request is not understood"
            try:
                self.wfile.write(reply.encode() + b"\n")
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
        server.service = importlib.import_module(sys.argv[1]).Service(json.loads(sys.stdin.readline()))
        server.serve_forever()


if __name__ == "__main__":
    main()
