"""Runs the attack of the textbooks on the last block, taking any reply other than that to the first guess for a yes."""

import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")
import solve

client = solve.Client()
token = bytes.fromhex(client.ask("STORED"))
before, block = token[-16:-8], token[-8:]
inner = bytearray(8)
for count in range(1, 9):
    for guess in range(256):
        inner[-count] = guess
        front = bytes(8 - count) + bytes(value ^ count for value in inner[8 - count :])
        reply = client.ask("OPEN", (front + block).hex())
        if not reply.startswith("refused"):
            break
text = solve.xor(inner, before)
Path("/home/agent/submission.txt").write_text(text.decode("ascii", "replace"))
