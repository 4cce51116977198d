"""The code that runs outside this process, in sandboxes and beside them: its files, and where they lie."""

from __future__ import annotations

from pathlib import Path

#: The entry point, at the top of the folder that the files are put into.
START = "start.py"
_INSIDE = Path(__file__).parent / "inside"
_PACKAGE = "pytest_metr/sandbox/inside"
#: What they have in common with this process.
_SHARED = Path(__file__).parents[1] / "capped.py"


def inside_files() -> dict[str, bytes]:
    """Return the files by their paths below a folder from which ``start.py`` runs them, sorted."""
    files = {f"pytest_metr/{_SHARED.name}": _SHARED.read_bytes()}
    for source in sorted(_INSIDE.glob("*.py")):
        files[START if source.name == START else f"{_PACKAGE}/{source.name}"] = source.read_bytes()
    return dict(sorted(files.items()))
