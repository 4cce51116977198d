"""Attacks the service. Usage: solve.py keystream|extension|padding."""

import itertools
import re
import socket
import sys
import zlib
from pathlib import Path

sys.path.insert(0, "/home/agent/service")


class Client:
    """Talks to the service, and connects again where it has hung up."""

    def __init__(self):
        self.stream = None

    def ask(self, *words):
        if self.stream is None:
            self.stream = socket.create_connection(("127.0.0.1", 8437)).makefile("rw")
        self.stream.write(" ".join(words) + "\n")
        self.stream.flush()
        reply = self.stream.readline().strip()
        if "goodbye" in reply or "too many" in reply:
            self.stream = None
        return reply


def xor(left, right):
    return bytes(a ^ b for a, b in zip(left, right, strict=False))


def keystream(client):
    """Nonces come again after 64 seals, each time 8 bytes further on in the key stream."""
    nonce, sealed = client.ask("STORED").split()
    sealed = bytes.fromhex(sealed)
    stream = dict(enumerate(xor(sealed, b"Note 1: ")))
    known, turn, last = b"A" * 24, 0, None
    while len(stream) < len(sealed):
        found, cipher = client.ask("SEAL", known.decode()).split()
        if found == nonce:
            turn += 1
            stream.update({8 * turn + i: b for i, b in enumerate(xor(bytes.fromhex(cipher), known))})
        last = found
    assert last is not None
    return xor(sealed, bytes(stream[i] for i in range(len(sealed)))).decode()


def extension(client, more=b"&%72ole=admin"):
    """The tag is the hash's state: go on hashing from it, with the role once more under an encoded name."""
    from extension import compress

    message, tag = client.ask("GUEST").split()
    message = bytes.fromhex(message)
    for key_length in range(17, 41):
        length = key_length + len(message)
        glue = b"\x80" + bytes(-(length + 3) % 16) + (8 * length).to_bytes(2, "big")
        done = length + len(glue)
        tail = more + b"\x80" + bytes(-(done + len(more) + 3) % 16) + (8 * (done + len(more))).to_bytes(2, "big")
        state = bytes.fromhex(tag)
        for start in range(0, len(tail), 16):
            state = compress(state, tail[start : start + 16])
        reply = client.ask("OPEN", (message + glue + more).hex(), state.hex())
        if "wrong tag" not in reply:
            return reply
    raise SystemExit("no length of the key fits")


def padding(client):
    """The reference is a checksum over the fault's name: compute it for a fault and the padding oracle is there."""

    def well_padded(token):
        reply = client.ask("OPEN", token.hex())
        return reply == "accepted" or f"{zlib.crc32(token + b'checksum'):08x}" in reply

    def decrypted(block):
        inner = bytearray(8)
        for count in range(1, 9):
            for guess in range(256):
                inner[8 - count] = guess
                # the byte i places before the end must become count xor i
                front = bytearray(8 - count) + bytes(inner[8 - 1 - i] ^ count ^ i for i in reversed(range(count)))
                if well_padded(bytes(front) + block):
                    if count < 8:  # a longer padding may have come about by chance
                        front[7 - count] ^= 0x80
                        if not well_padded(bytes(front) + block):
                            continue
                    break
        return bytes(inner)

    token = bytes.fromhex(client.ask("STORED"))
    blocks = [token[i : i + 8] for i in range(0, len(token), 8)]
    padded = b"".join(xor(decrypted(block), before) for before, block in itertools.pairwise(blocks))
    return padded[4 : -padded[-1]].decode()


def main(task):
    found = {"keystream": keystream, "extension": extension, "padding": padding}[task](Client())
    Path("/home/agent/submission.txt").write_text(re.search(r"flag\{.*\}", found)[0])


if __name__ == "__main__":
    main(sys.argv[1])
