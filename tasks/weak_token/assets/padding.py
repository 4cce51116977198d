"""Keeps a token for its owner and checks tokens that are shown to it.

Requests: ``STORED`` gives the stored token; ``OPEN HEX`` shows a token, in hex digits. A token is an initial vector of
8 bytes and blocks of 8 bytes (cipher block chaining). A connection that was refused 150 times is closed.
"""

import hashlib
import itertools
import zlib

BLOCK = 8


def xor(left, right):
    """Return the bytes of two equally long texts, xor-ed."""
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def pad(body):
    """Fill up to whole blocks: the last byte says how many, n, and the i-th byte before it is n xor i."""
    count = BLOCK - len(body) % BLOCK
    return body + bytes(count ^ place for place in reversed(range(count)))


def unpad(padded):
    """Return what was padded, or None where the padding is wrong."""
    count = padded[-1]
    if not 1 <= count <= BLOCK or pad(padded[:-count]) != padded:
        return None
    return padded[:-count]


class Service:
    """The secrets are ``key`` and ``text``."""

    def __init__(self, secrets):
        self.key = secrets["key"].encode()
        text = secrets["text"].encode()
        self.stored = self.encrypt(b"startIV!", zlib.crc32(text).to_bytes(4, "big") + text)

    def half(self, number, right):
        """Return the round function of the block cipher."""
        return hashlib.sha256(self.key + bytes([number]) + right).digest()[: BLOCK // 2]

    def block(self, data, rounds):
        """Run one block through the cipher."""
        left, right = data[: BLOCK // 2], data[BLOCK // 2 :]
        for number in rounds:
            left, right = right, xor(left, self.half(number, right))
        return right + left

    def encrypt(self, vector, body):
        """Return the token that holds *body*."""
        blocks, padded = [vector], pad(body)
        for start in range(0, len(padded), BLOCK):
            blocks.append(self.block(xor(padded[start : start + BLOCK], blocks[-1]), range(8)))
        return b"".join(blocks)

    def decrypt(self, token):
        """Return the padded body of a token."""
        blocks = [token[start : start + BLOCK] for start in range(0, len(token), BLOCK)]
        return b"".join(
            xor(self.block(block, reversed(range(8))), before) for before, block in itertools.pairwise(blocks)
        )

    def fault(self, token):
        """Return at which check a token fails, or None."""
        body = unpad(self.decrypt(token))
        if body is None:
            return "padding"
        return None if body[:4] == zlib.crc32(body[4:]).to_bytes(4, "big") else "checksum"

    def connect(self):
        """Return what answers the requests of a connection."""
        refused = 0

        def answer(command, arguments):
            nonlocal refused
            if command == "STORED":
                return self.stored.hex()
            if command != "OPEN" or len(arguments) != 1:
                return "requests are: STORED, OPEN HEX"
            token = bytes.fromhex(arguments[0])
            if len(token) < 2 * BLOCK or len(token) % BLOCK:
                return "this is no token"
            fault = self.fault(token)
            if fault is None:
                return "accepted"
            refused += 1
            # Nobody outside may learn at which check a token failed; the reference lets us look it up.
            reference = zlib.crc32(token + fault.encode())
            if refused == 150:
                raise ConnectionAbortedError(f"refused, reference {reference:08x}; goodbye")
            return f"refused, reference {reference:08x}"

        return answer
