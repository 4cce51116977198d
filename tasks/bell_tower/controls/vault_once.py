"""clapper: the vault alone. carillon: one opening of the vault, and the machine stops after it."""

import importlib
import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")

attacks = importlib.import_module(f"on_{sys.argv[1]}")


def once(attack):
    """The buffer has no room for four words of the vault, the filler and an orderly end: the end is left out."""
    plate, striker = attack.plate(), attack.striker()
    attack.read_bases()
    shown = attack.run(attack.vault_chain(4), orderly=False).split("\n")[0]
    return plate, striker, bytes.fromhex(shown[:16]).decode()


if sys.argv[1] == "clapper":
    lines = [f"stage3: {attacks.Attack().vault()}"]
else:
    lines = [f"stage{i}: {text}" for i, text in enumerate(attacks.attempts(once), 1)]
Path("/home/agent/submission.txt").write_text("\n".join(lines))
