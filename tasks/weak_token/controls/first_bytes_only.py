"""Gets the note's first 32 bytes, and submits what looks like the beginning of a word."""

import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")
import solve

client = solve.Client()
nonce, sealed = client.ask("STORED").split()
sealed, text = bytes.fromhex(sealed), "A" * 24
found, cipher = client.ask("SEAL", text).split()
while found != nonce:
    found, cipher = client.ask("SEAL", text).split()
stream = solve.xor(sealed, b"Note 1: ") + solve.xor(bytes.fromhex(cipher), text.encode())
Path("/home/agent/submission.txt").write_text(solve.xor(sealed, stream).decode())
