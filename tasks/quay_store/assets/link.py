"""The scorer's side of a child that runs handed-in code: starts it confined, holds its device, asks it and counts."""

import contextlib
import json
import os
import resource
import select
import signal
import struct
import subprocess
import sys
from pathlib import Path

SECTOR = 128
ANSWER_BYTES = 4 * 1024 * 1024
#: Most requests to the device that one command may make.
REQUESTS = 3000
#: Where one user stands behind root and agent, namespaces keep /root and all places that can be written to from the
#: handed-in code; the inner one, without privileges, keeps it from undoing the mounts. Its processes end with it.
HIDE = [
    "unshare",
    "--user",
    "--map-root-user",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--net",
    "--ipc",
    "--",
    "sh",
    "-c",
]
HIDE += [
    "for at in /root /home /tmp /var/tmp /dev/shm; do mount -t tmpfs -o size=4k,nr_inodes=2 none $at; done; "
    'cd / && exec unshare --user -- "$0" "$@"'
]


#: Children that may be lost before nothing more is asked: code that hangs or ends its process would take long.
LOSSES = 4


class Lost(Exception):
    """The child is gone, or does not keep to the protocol, or to the time."""


class Guard:
    """Ends all waiting for children some time after it was set: hanging code must not hang the scorer."""

    over = False

    @classmethod
    def set(cls, seconds):
        cls.over = False
        signal.signal(signal.SIGALRM, lambda *_: setattr(cls, "over", True))
        signal.alarm(seconds)

    @classmethod
    def wait(cls, reading, writing):
        """Return when something can be read or written."""
        while not cls.over:
            if any(select.select(reading, writing, [], 2)):
                return
        raise Lost("out of time")


def limits_of_child():
    """Runs in the child: fewer rights and little to waste."""
    for kind, value in ((resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_AS, 2**30), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (value, value))
    try:
        os.setgroups([])
        os.setgid(1000)
        os.setuid(1000)
    except OSError:
        pass  # one user only: HIDE is used instead


def works(command):
    """Return whether a command can be run and ends well."""
    with contextlib.suppress(OSError):
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


def confinement():
    """Return the words to put before a command so that it cannot see /root, and say what they rest on."""
    if works([sys.executable, "-c", "import os; os.setgid(1000); os.setuid(1000)"]):
        print("the handed-in code runs as user agent")
        return []
    if works([*HIDE, sys.executable, "-c", ""]):
        print("the handed-in code runs without /root and without files")
        return HIDE
    print("the handed-in code runs unconfined; what it must not know is in the memory of another process")
    return []


class Device:
    """The content of the child's device, and all that happened to it."""

    def __init__(self, sectors, content=None):
        self.sectors = sectors
        self.content = bytearray(content or bytes(sectors * SECTOR))
        self.start = bytes(self.content)
        #: (sector, data) for a write, None for a flush, a number for "so many calls have returned".
        self.events = []
        self.read_count = self.write_count = self.flush_count = 0

    def request(self, kind, first, count, data):
        """Do what the child asked for; return what it must be told, if anything."""
        if kind == b"F":
            self.flush_count += 1
            self.events.append(None)
            return None
        if not (first >= 0 and count >= 1 and first + count <= self.sectors):
            raise Lost("a request beyond the device")
        if kind == b"R":
            self.read_count += count
            return bytes(self.content[first * SECTOR : (first + count) * SECTOR])
        self.write_count += count
        self.content[first * SECTOR : (first + count) * SECTOR] = data
        self.events += [(first + n, data[n * SECTOR : (n + 1) * SECTOR]) for n in range(count)]
        return None


class Child:
    """A child process with handed-in code."""

    def __init__(self, words, name, source, sectors):
        self.buffer, self.device, self.sectors = b"", None, sectors
        here = Path(__file__).parent
        command = [*words, sys.executable, "-I", "-B", "-c", (here / "child.py").read_text()]
        self.process = subprocess.Popen(
            command,
            cwd="/",
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "PYTHONHASHSEED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
            preexec_fn=limits_of_child,
        )
        os.set_blocking(self.process.stdin.fileno(), False)
        first = {"quay": (here / "quay.py").read_text(), "name": name, "source": source, "sectors": sectors}
        self.send(json.dumps(first).encode())

    def send(self, data):
        data = struct.pack("<I", len(data)) + data
        while data:
            try:
                data = data[os.write(self.process.stdin.fileno(), data) :]
            except BlockingIOError:
                Guard.wait([], [self.process.stdin])
            except OSError:
                raise Lost("the child is gone") from None

    def receive(self, size):
        """Return so many bytes from the child."""
        while len(self.buffer) < size:
            Guard.wait([self.process.stdout], [])
            got = os.read(self.process.stdout.fileno(), 1 << 16)
            if not got:
                raise Lost("the child is gone")
            self.buffer += got
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def use(self, content=None):
        """Put another device before the child."""
        self.device = Device(self.sectors, content)
        return self.device

    def ask(self, target, method=None, args=(), into=None):
        """Return ("ok", result) or ("raised", name of the exception) of a command."""
        self.send(json.dumps([target, method, [plain(item) for item in args], into]).encode())
        for _ in range(REQUESTS):
            head = self.receive(9)
            kind, (first, count) = head[:1], struct.unpack("<II", head[1:])
            if kind == b"A":
                if count > ANSWER_BYTES:
                    raise Lost("an answer without end")
                return answer(self.receive(count))
            if kind not in (b"R", b"W", b"F") or count > self.sectors:
                raise Lost("not the protocol")
            told = self.device.request(kind, first, count, self.receive(count * SECTOR) if kind == b"W" else b"")
            if told is not None:
                self.send(told)
        raise Lost("too many requests")

    def end(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def plain(value):
    """Return an argument in JSON's terms."""
    if isinstance(value, bytes):
        return ["b", value.decode("latin-1")]
    if isinstance(value, (list, tuple)):
        return ["l", [plain(item) for item in value]]
    return value


def answer(data):
    """Return an answer of the child, in which everything may be anything."""
    try:
        how, value = json.loads(data)
        return ("ok", restored(value)) if how == "ok" else ("raised", str(value)[:40])
    except (ValueError, RecursionError, TypeError, IndexError, AttributeError, KeyError):
        return ("raised", "Unreadable")


def restored(value):
    """Return the result that plain was made of."""
    if isinstance(value, list):
        if value[0] == "b":
            return value[1].encode("latin-1")
        return [restored(item) for item in value[1]] if value[0] == "l" else Ellipsis
    return value
