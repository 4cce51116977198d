"""Sending a request, and telling apart why one cannot be sent: nobody is there, or the host is short of something."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.inside import wire

#: What may pass: too many descriptors under way in sockets of this user, or open, or too little memory.
_SHORTAGE = frozenset({errno.ETOOMANYREFS, errno.ENOBUFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
#: What does not, and says nothing about the other end: a large request travels in a temporary file.
_OBSTACLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.ENOENT})
#: Seconds before each further attempt.
_PAUSES = (0.05, 0.2, 0.5, 1.0)


class Gone(Exception):
    """The process at the other end has ended."""


def pair() -> tuple[socket.socket, socket.socket]:
    """Return the two ends of a connection for requests and answers. :raises SandboxError: where there can be none."""
    try:
        return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    except OSError as error:
        raise SandboxError(f"a request to a sandbox could not be made: {error}") from error


def post(sock: socket.socket, request: Mapping[str, Any], fds: Sequence[int]) -> None:
    """Send *request* with descriptors; where the host is short of something, again for about two seconds.

    :raises Gone: where nobody is at the other end.
    :raises SandboxError: where it could not be sent for another reason.
    """
    for pause in (*_PAUSES, None):
        try:
            wire.send(sock, request, fds)
        except OSError as error:
            if error.errno not in _SHORTAGE | _OBSTACLE:
                raise Gone(str(error)) from error
            if error.errno in _OBSTACLE or pause is None:
                raise SandboxError(f"a request could not be sent to a sandbox: {error}") from error
            time.sleep(pause)
        else:
            return
