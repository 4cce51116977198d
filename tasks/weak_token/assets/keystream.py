"""Seals short notes with a key that never leaves the service.

Requests: ``STORED`` gives the note that is stored here, sealed; ``SEAL TEXT`` seals a text of at most 24 bytes that
has no blanks. Replies are ``NONCE HEX``.
"""

import hashlib
import threading


class Service:
    """The secrets are ``key`` and ``note`` (the note begins with 8 bytes that say ``Note 1: ``)."""

    def __init__(self, secrets):
        self.key = secrets["key"].encode()
        self.lock = threading.Lock()
        self.nonce, self.sealed = 7, 0
        self.stored = self.seal(secrets["note"].encode())

    def keystream(self, nonce, length):
        """Return the first *length* bytes that belong to a nonce."""
        stream = b""
        while len(stream) < length:
            stream += hashlib.sha256(self.key + bytes([nonce]) + len(stream).to_bytes(4, "big")).digest()
        return stream[:length]

    def seal(self, text):
        """Return the nonce and the sealed text in hex digits, and go on to the next nonce."""
        with self.lock:
            start = 8 * (self.sealed // 64)
            nonce, self.nonce = self.nonce, (5 * self.nonce + 3) % 64
            self.sealed += 1
        stream = self.keystream(nonce, start + len(text))[start:]
        return f"{nonce} {bytes(a ^ b for a, b in zip(text, stream, strict=True)).hex()}"

    def connect(self):
        """Return what answers the requests of a connection."""
        return self.answer

    def answer(self, command, arguments):
        """Answer one request."""
        if command == "STORED":
            return self.stored
        if command == "SEAL" and len(arguments) == 1:
            text = arguments[0].encode()
            return self.seal(text) if len(text) <= 24 else "the text is too long"
        return "requests are: STORED, SEAL TEXT"
