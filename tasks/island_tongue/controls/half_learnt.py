"""Leaves out two of the exceptions of the market's numerals; learns the letters from a fifth of them."""

import json
import sys

sys.path.insert(0, "/home/agent/solution")
import letters
import market

if sys.argv[1] == "market":
    answer = market.answer(("less", "seven"))
else:
    path = letters.HOME / "letters.tsv"
    path.write_text("".join(line + "\n" for line in path.read_text().splitlines()[:30]))
    answer = letters.answer(letters.material())
(letters.HOME / "answer.json").write_text(json.dumps(answer))
