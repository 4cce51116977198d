"""What a forwarder and the host say to each other: frames (see :mod:`.frames`), numbered by connection.

A connection is the forwarder's from its opening on, and its number is never used again. Each direction of it ends by
itself. The forwarder's place for it is free again when the host has done with it, whatever the other side did, so that
the host never serves more connections than there are places.
"""

from __future__ import annotations

#: Connections that are served at once; more wait to be accepted.
PLACES = 64
#: Bytes of one direction of one connection that may be under way before the other end has passed them on.
WINDOW = 256 * 1024
#: Bytes in one frame at most.
CHUNK = 1 << 16

#: To the host: the port that is listened on (a number), a new connection, its bytes, their end, the word that it is
#: broken, and how many bytes of the host's have been passed on (a number).
PORT, OPEN, DATA, END, BROKEN, PASSED = 32, 33, 34, 35, 36, 37
#: To the forwarder, besides ``DATA``, ``END`` and ``PASSED``: the host has done with the connection.
DONE = 38
