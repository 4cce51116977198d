"""Links, a fifo, a folder and a file without end in place of the programs."""

import os
from pathlib import Path

for number, path in enumerate(sorted(Path("/home/agent").glob("*.tal"))):
    path.unlink()
    if number % 4 == 0:
        path.symlink_to(f"/root/assets/programs/{path.name}")
    elif number % 4 == 1:
        os.mkfifo(path)
    elif number % 4 == 2:
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
