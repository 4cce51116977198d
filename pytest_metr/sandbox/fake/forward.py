"""A forward of a world in memory, whose port is one of this machine's loopback interface."""

from __future__ import annotations

import logging
import socket
import threading

from pytest_metr.interfaces import Serve

_LOG = logging.getLogger("pytest_metr")
_PLACES = 64
#: Seconds in which the threads that serve must have ended.
_PATIENCE = 10.0


class FakeForward:
    """A :class:`~pytest_metr.interfaces.Forward` for tests, which connect to its port from where they run."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._places = threading.Semaphore(_PLACES)
        self._lock = threading.Lock()
        self._closed = False
        self._open: dict[socket.socket, threading.Thread] = {}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name=f"metr-fake-forward-{self._port}", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The number of the port."""
        return self._port

    def close(self) -> None:
        """Close the port and all connections, and wait for the threads that serve them."""
        with self._lock:
            first, self._closed = not self._closed, True
            left = dict(self._open)
        if first:
            self._places.release()  # for the thread that accepts may wait for a place
            self._listener.shutdown(socket.SHUT_RDWR)
        for sock in left:
            _end(sock)
        for thread in (self._thread, *left.values()):
            if thread is not threading.current_thread():
                thread.join(_PATIENCE)
        self._listener.close()

    def __enter__(self) -> FakeForward:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            self._places.acquire()
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return  # it was closed
            thread = threading.Thread(target=self._served, args=(sock,), name="metr-fake-serve", daemon=True)
            with self._lock:
                if self._closed:
                    sock.close()
                    return
                self._open[sock] = thread
                thread.start()

    def _served(self, sock: socket.socket) -> None:
        try:
            self._serve(sock)
        except Exception:  # noqa: BLE001 - one connection's failure is logged, and is no other's
            _LOG.exception("serving a connection has failed")
        finally:
            with self._lock:
                self._open.pop(sock, None)
            sock.close()
            self._places.release()


def _end(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster
