"""Lets in whoever shows a message with a tag that this service made.

Requests: ``GUEST`` gives the guests' message and its tag; ``OPEN HEX TAG`` shows a message (in hex digits) with a tag.
Administrators are told the word of the day. After 12 wrong tags a connection is closed.
"""

import hashlib
import hmac
from urllib.parse import unquote


def compress(state, block):
    """Return the next state, 8 bytes, from the state and a block of 16 bytes."""
    return hashlib.sha256(state + block).digest()[:8]


def digest(data):
    """Return the hash of *data*, 8 bytes: padded to whole blocks, the last two bytes being the length in bits."""
    padded = data + b"\x80"
    padded += bytes(-(len(padded) + 2) % 16) + (8 * len(data)).to_bytes(2, "big")
    state = b"weakhash"
    for start in range(0, len(padded), 16):
        state = compress(state, padded[start : start + 16])
    return state


class Service:
    """The secrets are ``key`` (17 to 40 bytes) and ``word``."""

    def __init__(self, secrets):
        self.key = secrets["key"].encode()
        self.word = secrets["word"]

    def tag(self, message):
        """Return the tag of a message."""
        return digest(self.key + message).hex()

    def connect(self):
        """Return what answers the requests of a connection."""
        wrong = 0

        def answer(command, arguments):
            nonlocal wrong
            if command == "GUEST":
                message = b"user=guest&role=reader"
                return f"{message.hex()} {self.tag(message)}"
            if command != "OPEN" or len(arguments) != 2:
                return "requests are: GUEST, OPEN HEX TAG"
            message = bytes.fromhex(arguments[0])
            if hmac.compare_digest(self.tag(message), arguments[1]):
                return self.open(message.decode("latin-1"))
            wrong += 1
            if wrong == 12:
                raise ConnectionAbortedError("wrong tag; there were too many of them")
            return "wrong tag"

        return answer

    def open(self, message):
        """Answer a message whose tag is right."""
        fields = [field.partition("=") for field in message.split("&")]
        names = [name for name, _, _ in fields]
        if len(names) != len(set(names)):
            return "a field is there twice"
        values = {unquote(name): unquote(value) for name, _, value in fields}
        return f"the word is {self.word}" if values.get("role") == "admin" else "welcome, guest"
