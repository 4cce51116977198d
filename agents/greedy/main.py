"""The smallest agent that does everything an agent has to: read, look around, answer.

It runs inside the sandbox as user ``agent``, with nothing but Python's standard library. What it logs is kept
in the transcript. Replace :func:`answer` by something that thinks.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

#: What the run itself puts into the home; everything else is the task's.
OURS = {"scaffolding", "instructions.txt", "submission.txt"}


def task_files(home: Path) -> list[Path]:
    """Return the files that the task has left for the agent, sorted; hidden ones are left out."""
    entries = (entry for entry in home.iterdir() if entry.name not in OURS and not entry.name.startswith("."))
    files = (path for entry in entries for path in ([entry] if entry.is_file() else entry.rglob("*")))
    return sorted(path for path in files if path.is_file())


def look_at(files: list[Path], most_bytes: int) -> dict[str, str]:
    """Return the first *most_bytes* bytes of each file that may be read, as text."""
    seen = {}
    for path in files:
        try:
            with path.open("rb") as stream:
                seen[str(path)] = stream.read(most_bytes).decode("utf-8", "replace")
        except OSError as error:
            logging.info("%s cannot be read: %s", path, error.strerror)
    return seen


def answer(instructions: str, seen: dict[str, str]) -> str:
    """Return the answer. This one is greedy: it takes the last line that says anything, and thinks of nothing."""
    logging.info("%d files were looked at, and not thought about", len(seen))
    lines = [line.strip() for line in instructions.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def main() -> None:
    """Work on the task in the home folder."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    home = Path.home()
    instructions = (home / "instructions.txt").read_bytes().decode()
    logging.info("instructions:\n%s", instructions)
    seen = look_at(task_files(home), int(os.environ.get("GREEDY_MAX_FILE_BYTES", "2000")))
    for name, text in seen.items():
        logging.info("--- %s\n%s", name, text)
    # Written as bytes: the submission counts exactly as it is, so no newline may come in by itself.
    (home / "submission.txt").write_bytes(answer(instructions, seen).encode())


if __name__ == "__main__":
    main()
