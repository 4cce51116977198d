"""Requests and answers of many conversations over one stream of bytes: the main process's of a container.

A frame is the number of a conversation, a kind, a length and so many bytes. What goes in is a marshalled request (see
:mod:`.wire`; only texts, bytes, numbers, lists, tuples, dicts and None, which every version of Python reads alike) and
its standard input; what comes out are bytes and short lines of text, because whoever is root inside may have forged
them.
"""

from __future__ import annotations

import struct

TYPE_CHECKING = False  # importing typing would take as long as all the rest
if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER = struct.Struct(">IBI")
#: The version of marshal's format that every Python since 2.5 reads.
MARSHAL = 2
#: Bytes of content in one frame at most; a request may have more.
CHUNK = 1 << 16
#: Bytes of standard input that may be under way before the other end has taken some; of the standard output too, where
#: a request says so.
WINDOW = 1 << 20
#: A frame that comes out and says that it has more bytes than this is none.
MOST_OUT = 1 << 17

#: To the inside: what comes before everything else, a filter of system calls (a BPF program, or nothing); a request,
#: bytes of its standard input, the end of it, the word that it is to be killed, a number of bytes of its standard
#: output that have been taken.
FILTER, REQUEST, INPUT, END, KILL, ROOM = 0, 1, 2, 3, 4, 5
#: To the outside: the supervisor is there, bytes of both outputs, a number of bytes of either that are left out, a
#: number of bytes of standard input that have been taken, and the line with which a conversation ends.
READY, OUT, ERR, OUT_CUT, ERR_CUT, TAKEN, STATUS = 16, 17, 18, 19, 20, 21, 22


def frame(number: int, kind: int, payload: bytes | memoryview = b"") -> bytes:
    """Return one frame."""
    return _HEADER.pack(number, kind, len(payload)) + bytes(payload)


class Frames:
    """Takes a stream apart.

    :param most: bytes that a frame may have; None for any number.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Take the next bytes and yield the frames that are complete. :raises ValueError: where that is no frame."""
        self._data += data
        at = 0
        while len(self._data) - at >= _HEADER.size:
            number, kind, length = _HEADER.unpack_from(self._data, at)
            if self._most is not None and length > self._most:
                raise ValueError(f"a frame of {length} bytes")
            end = at + _HEADER.size + length
            if len(self._data) < end:
                break
            payload = bytes(memoryview(self._data)[at + _HEADER.size : end])
            at = end
            yield number, kind, payload
        del self._data[:at]
