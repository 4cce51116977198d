# pathlib takes longer to import than all that is imported here.
# ruff: noqa: PTH123
"""Messages over a SOCK_SEQPACKET socket: data that need not be parsed with care, and file descriptors.

Requests go from the host inwards only, between interpreters of one version, so marshal (which starts 12 ms
faster than json) is safe for them. What comes back from inside is one short line of text, because an agent
may have forged it.
"""

from __future__ import annotations

import array
import marshal
import os
import socket

TYPE_CHECKING = False  # importing typing would take as long as all the rest
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

#: A request up to this many bytes travels in the datagram; a larger one in an unlinked file.
INLINE = 48 * 1024
#: The kernel passes at most 253 descriptors at once; nothing here needs more than this.
MOST_FDS = 16


def send(sock: socket.socket, message: Mapping[str, Any], fds: Sequence[int] = ()) -> None:
    """Send a request with descriptors. :raises OSError: where the other end is gone."""
    data = marshal.dumps(dict(message))
    if len(data) <= INLINE:
        _send(sock, b"i" + data, fds)
        return
    import tempfile  # by the host alone: a supervisor only receives, and starts 10 ms earlier without it

    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        _send(sock, b"f", [file.fileno(), *fds])


def _send(sock: socket.socket, data: bytes, fds: Sequence[int]) -> None:
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    sock.sendmsg([data], rights, socket.MSG_NOSIGNAL)


def receive(sock: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Return the next request and its descriptors (closed on exec), or None where the other end is gone."""
    space = socket.CMSG_SPACE(MOST_FDS * array.array("i").itemsize)
    data, ancillary, _, _ = sock.recvmsg(INLINE + 1, space, socket.MSG_CMSG_CLOEXEC)
    fds = array.array("i")
    for _, kind, payload in ancillary:
        if kind == socket.SCM_RIGHTS:
            fds.frombytes(payload[: len(payload) - len(payload) % fds.itemsize])
    if not data:
        return None
    given = list(fds)
    if data[:1] == b"f":
        with open(given.pop(0), "rb") as file:
            file.seek(0)
            return marshal.load(file), given
    return marshal.loads(data[1:]), given


def tell(sock: socket.socket, word: str, rest: str = "") -> None:
    """Report one line to the host; a host that is no longer there is no error."""
    try:
        sock.send(f"{word} {rest}".encode("utf-8", "replace")[:4096], socket.MSG_NOSIGNAL)
    except OSError:
        # Nobody is left to be told; the end of the connection is noticed where it is read.
        return


def answer(fd: int, word: str, rest: str = "") -> None:
    """Report one line on the socket *fd*, which stays open."""
    with socket.socket(fileno=os.dup(fd)) as status:
        tell(status, word, rest)


def adopt(fd: int) -> socket.socket:
    """Return the socket of an inherited descriptor, closed on exec."""
    os.set_inheritable(fd, False)
    return socket.socket(fileno=fd)
