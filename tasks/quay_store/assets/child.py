"""Runs in a confined child process with handed-in code: commands on standard input, device requests and answers out.

The code itself comes with the first command, so that the child needs no file of the agent's. Whatever the code does
to this program, it can but send requests and answers: the device is in the process that asks.
"""

import json
import os
import struct
import sys
import types

REQUESTS = os.fdopen(os.dup(1), "wb", buffering=65536)
COMMANDS = os.fdopen(os.dup(0), "rb", buffering=65536)


def command():
    head = COMMANDS.read(4)
    if len(head) < 4:
        os._exit(0)
    return COMMANDS.read(struct.unpack("<I", head)[0])


class Device:
    """The device as handed-in code sees it."""

    def __init__(self, sectors):
        self.sectors = sectors

    def read(self, first, count=1):
        REQUESTS.write(b"R" + struct.pack("<II", *self.checked(first, count)))
        REQUESTS.flush()
        return command()

    def write(self, first, data):
        data = bytes(data)
        if not data or len(data) % 128:
            raise ValueError("no whole sectors")
        REQUESTS.write(b"W" + struct.pack("<II", *self.checked(first, len(data) // 128)) + data)

    def flush(self):
        REQUESTS.write(b"F" + bytes(8))

    def checked(self, first, count):
        if not (first >= 0 and count >= 1 and first + count <= self.sectors):
            raise ValueError("beyond the device")
        return first, count


def module(name, source):
    made = types.ModuleType(name)
    sys.modules[name] = made
    exec(compile(source, f"{name}.py", "exec"), made.__dict__)
    return made


def plain(value):
    """Return a result in JSON's terms: bytes as text of the same numbers, in a list that says so."""
    if isinstance(value, (bytes, bytearray)):
        return ["b", bytes(value).decode("latin-1")]
    if isinstance(value, (list, tuple)):
        return ["l", [plain(item) for item in value]]
    return value if value is None or isinstance(value, (bool, int, str)) else ["?", type(value).__name__]


def given(value):
    """Return an argument: the reverse of plain."""
    if isinstance(value, list):
        return value[1].encode("latin-1") if value[0] == "b" else [given(item) for item in value[1]]
    return value


class Desk:
    """Does the commands: each names an object (the module, the store or a transaction), a method and arguments."""

    def __init__(self, handed_in, sectors):
        self.objects = {"module": handed_in}
        self.sectors = sectors

    def do(self, target, method, args, into):
        if target == "dump":
            store = self.objects["store"]
            names = store.kept()
            return [
                names,
                *[store.scan(b"", b"\xff" * 25, *([name] if name else [])) for name in [None, *list(names)[:8]]],
            ]
        if target == "module":
            self.objects = {"module": self.objects["module"]}
            args = [Device(self.sectors)]
        if target == "store" and method == "commit":
            args = [[tuple(change) for change in args[0]]]
        result = getattr(self.objects[target], method)(*args)
        if into:
            self.objects[into] = result
            return None
        return result


def main():
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    first = json.loads(command())
    try:
        module("quay", first["quay"])
        desk = Desk(module(first["name"], first["source"]), first["sectors"])
    except BaseException:  # noqa: BLE001 - the handed-in code may raise anything
        desk = None
    while True:
        target, method, args, into = json.loads(command())
        try:
            answer = ["ok", plain(desk.do(target, method, [given(item) for item in args], into))]
        except BaseException as error:  # noqa: BLE001 - as above
            answer = ["raised", type(error).__name__[:40]]
        data = json.dumps(answer).encode()
        REQUESTS.write(b"A" + struct.pack("<II", 0, len(data)) + data)
        REQUESTS.flush()


main()
