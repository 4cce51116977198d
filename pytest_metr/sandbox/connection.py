"""The host's end of one connection from inside a sandbox: a pair of sockets, and the thread that serves one of them."""

from __future__ import annotations

import logging
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable

from pytest_metr.interfaces import Serve
from pytest_metr.sandbox.inside import tunnel

_LOG = logging.getLogger("pytest_metr")


class Connection:
    """One connection. All but the serving itself is done by the thread of its forward, and never blocks.

    :param said: says something to the forwarder about this connection: a kind of frame and its payload.
    :param told: called from the serving thread when it ends.
    :param name: the name of that thread.
    :raises OSError: where the host has no descriptors left.
    :raises RuntimeError: where it can start no thread.
    """

    def __init__(
        self, serve: Serve, *, said: Callable[[int, bytes], None], told: Callable[[Connection], None], name: str
    ) -> None:
        self._said = said
        self._told = told
        self._ours, theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._waiting: deque[memoryview] = deque()
        #: Bytes from inside that are under way: they wait, or were taken and the forwarder has not been told.
        self._size = 0
        self._taken = 0
        self._input_ended = False
        self._room = tunnel.WINDOW
        self._output_ended = False
        self._broken = False
        self._served = False
        self.thread = threading.Thread(target=self._serve, args=(serve, theirs), name=name, daemon=True)
        try:
            self.thread.start()
        except BaseException:
            self._ours.close()
            theirs.close()
            raise

    def fileno(self) -> int:
        """Return the descriptor to wait for; -1 once it is closed."""
        return self._ours.fileno()

    @property
    def events(self) -> int:
        """What to wait for; 0 where it is another's turn."""
        if self._broken:
            return 0
        reads = not self._output_ended and self._room > 0
        return (selectors.EVENT_READ if reads else 0) | (selectors.EVENT_WRITE if self._waiting else 0)

    @property
    def broken(self) -> bool:
        """Whether it is to be closed at once."""
        return self._broken

    @property
    def done(self) -> bool:
        """Whether nobody serves it any more, and all that was sent has been passed on."""
        return self._served and self._output_ended

    # What the forwarder says

    def add(self, data: bytes) -> None:
        """Take bytes from inside. :raises ValueError: where they are more than may be under way."""
        if self._size + len(data) > tunnel.WINDOW:
            raise ValueError("more bytes than may be under way")
        self._size += len(data)
        self._waiting.append(memoryview(data))
        self.write()

    def end(self) -> None:
        """Take note that there will be no more of them."""
        self._input_ended = True
        self.write()

    def passed(self, count: int) -> None:
        """Take note that so many bytes have gone to the other side. :raises ValueError: where that is no such count."""
        if not 0 < count <= tunnel.WINDOW - self._room:
            raise ValueError("more bytes passed on than were under way")
        self._room += count

    def break_off(self) -> None:
        """Take note that the other side is gone: whoever serves reads the end, and can send nothing any more."""
        self._broken = True
        self._output_ended = True
        self._waiting.clear()

    # What whoever serves does

    def read(self) -> None:
        """Pass on what was sent to the other side, as much as there is room for."""
        while self._room > 0 and not self._output_ended:
            try:
                data = self._ours.recv(min(tunnel.CHUNK, self._room))
            except BlockingIOError:
                return
            except ConnectionResetError:
                data = b""  # it was closed with something unread
            if not data:
                self._output_ended = True
                self._said(tunnel.END, b"")
                return
            self._room -= len(data)
            self._said(tunnel.DATA, data)

    def write(self) -> None:
        """Hand over what came from inside, as far as it is taken.

        What nobody will read is thrown away, and stays under way as the forwarder counts, so that no more of it comes.
        """
        try:
            while self._waiting:
                sent = self._ours.send(self._waiting[0])
                self._taken += sent
                self._waiting[0] = self._waiting[0][sent:]
                if not self._waiting[0]:
                    self._waiting.popleft()
            if self._input_ended and not self._broken:
                self._ours.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:
            self._waiting.clear()
        if self._taken * 4 >= tunnel.WINDOW:
            self._said(tunnel.PASSED, str(self._taken).encode())
            self._size -= self._taken
            self._taken = 0

    def close(self) -> None:
        """Close it. May be called more than once."""
        self._ours.close()

    def _serve(self, serve: Serve, sock: socket.socket) -> None:
        try:
            with sock:
                serve(sock)
        except ConnectionError as error:
            _LOG.debug("a connection from a sandbox has ended: %s", error)
        except Exception:  # noqa: BLE001 - one connection's failure is logged, and is no other's
            _LOG.exception("serving a connection from a sandbox has failed")
        finally:
            self._served = True
            self._told(self)
