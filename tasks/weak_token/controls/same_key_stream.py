"""Waits for the stored note's nonce and xors with the stream that its own text shows, as if both began at its start."""

import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")
import solve

client = solve.Client()
nonce, sealed = client.ask("STORED").split()
text = "A" * 24
found, cipher = client.ask("SEAL", text).split()
while found != nonce:
    found, cipher = client.ask("SEAL", text).split()
stream = solve.xor(bytes.fromhex(cipher), text.encode())
note = solve.xor(bytes.fromhex(sealed), stream * 4)
Path("/home/agent/submission.txt").write_text(note.decode("ascii", "replace").rpartition(" ")[2])
