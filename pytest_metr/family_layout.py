"""What lies where in a family's folder on the host."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pytest_metr.types import NOT_COPIED

#: The reference solutions.
SOLUTION = "solution"
#: The attempts whose scores are known, and the file in that folder which says what they must get.
CONTROLS = "controls"
CONTROLS_FILE = "controls.yaml"
#: What a control may be written in, by the ending of its file, and what runs it.
CONTROL_PROGRAMS: Mapping[str, str] = MappingProxyType({".py": "python", ".sh": "bash"})
#: The number from which a seeded family makes its instance.
SEED_FILE = "seed.txt"


def tests_file(family_dir: Path) -> str:
    """Return the name of the file with the family's own tests, in METR's form."""
    return f"{family_dir.name}_test.py"


def control_script(folder: Path, control: str) -> Path | None:
    """Return the script of a control in the folder of controls; None where it has none."""
    return next((path for suffix in CONTROL_PROGRAMS if (path := folder / (control + suffix)).is_file()), None)


def not_copied(family_dir: Path) -> tuple[str, ...]:
    """Return the entries of a family's top level that no sandbox gets.

    A folder ``controls`` without our file in it is a foreign family's own, and is copied.
    """
    ours = (family_dir / CONTROLS / CONTROLS_FILE).is_file()
    return (*NOT_COPIED, CONTROLS) if ours else NOT_COPIED
