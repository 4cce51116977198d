"""carillon: reads by the command q whatever has an address, and takes the longest text for the plate."""

import re
import sys
from pathlib import Path

sys.path.insert(0, "/home/agent/solution")

from toll import Line, opened

manual, image = opened()
line = Line()
words = b"".join(manual.word(int(line.ask(f"q {address:04x}").strip(), 16)) for address in range(0, 4096, 2))
texts = re.findall(rb"[ -~]{16,}", words)
print(texts)
found = [text.decode()[:16].replace(" ", "_") for text in texts] or ["nothing"]
Path("/home/agent/submission.txt").write_text(f"stage1: {found[0]}\nstage2: {found[-1]}\n")
