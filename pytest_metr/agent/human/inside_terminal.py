"""Runs inside the sandbox, as the agent: a shell in a terminal of its own, whose keys come from standard input.

The host sends this file's text to the sandbox's Python; nothing here is imported there from this package. Standard
input is frames: a letter, a length (4 bytes, big-endian) and so many bytes. ``k`` are keys, ``w`` is the size of the
window (rows and columns, 2 bytes each). Standard output is what the terminal shows.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios


def main() -> None:
    """Run the command of the arguments until it ends, and end as it did."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    waiting = b""
    while True:
        ready, _, _ = select.select([0, terminal], [], [])
        if terminal in ready:
            try:
                shown = os.read(terminal, 65536)
            except OSError:  # the other end is closed: the shell and all that it started have ended
                shown = b""
            if not shown:
                break
            write(1, shown)
        if 0 in ready:
            data = os.read(0, 65536)
            if not data:
                os.kill(child, signal.SIGHUP)
                break
            waiting = take(waiting + data, terminal)
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)


def take(data: bytes, terminal: int) -> bytes:
    """Do what complete frames say, and return the rest."""
    while len(data) >= 5:
        (length,) = struct.unpack(">I", data[1:5])
        if len(data) < 5 + length:
            break
        kind, payload, data = data[:1], data[5 : 5 + length], data[5 + length :]
        if kind == b"w":
            rows, columns = struct.unpack(">HH", payload)
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        else:
            write(terminal, payload)
    return data


def write(fd: int, data: bytes) -> None:
    """Write all of it."""
    while data:
        data = data[os.write(fd, data) :]


main()
