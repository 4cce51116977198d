"""A family to begin with: small, complete, and passing every check, for its author to put a task of their own in."""

from __future__ import annotations

import argparse
import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path
from string import Template

from pytest_metr.collect import read_family
from pytest_metr.commands.answer import Answer
from pytest_metr.commands.families import DEFAULT_FOLDER
from pytest_metr.errors import UsageMistake
from pytest_metr.family_layout import SEED_FILE

#: METR's domains, in their order.
DOMAINS = ("software_engineering", "ml_engineering", "cybersecurity", "research")
_TEMPLATE = Path(__file__).parents[1] / "templates" / "family"
#: What the templates' names end in, so that nobody takes them for code of this package.
_ENDING = ".txt"
#: A seed that nobody finds by trying all of them.
SEED_BITS = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("name", metavar="NAME", help="the family's name: that of its folder and of its Python file")
    parser.add_argument(
        "--in",
        dest="folder",
        type=Path,
        default=DEFAULT_FOLDER,
        metavar="DIR",
        help="where to make it (default: tasks)",
    )
    parser.add_argument("--domain", choices=DOMAINS, default=DOMAINS[0], help=f"default: {DOMAINS[0]}")


def run(arguments: argparse.Namespace) -> Answer:
    """Make the family.

    :raises UsageMistake: where the name is none for a module, or the folder is there already.
    """
    name, folder = arguments.name, arguments.folder / arguments.name
    if not (name.isascii() and name.isidentifier()):
        raise UsageMistake(f"expected a name that Python can import, such as odd_sum, found {name!r}", key="NAME")
    if folder.exists():
        raise UsageMistake("expected nothing there yet", file=folder)
    values = {"name": name, "domain": arguments.domain, "guid": str(uuid.uuid4())}
    for path, template in _templates():
        file = folder / path.with_name(path.name.replace("family", name, 1) if path.suffix == ".py" else path.name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Template(template).safe_substitute(values), encoding="utf-8")
    (folder / SEED_FILE).write_text(f"{secrets.randbits(SEED_BITS)}\n", encoding="utf-8")
    read_family(folder)
    return Answer(lines=_told(folder))


def _templates() -> Iterator[tuple[Path, str]]:
    """Yield the files of a new family by their path in it, and what is in them before names are filled in."""
    for file in sorted(_TEMPLATE.rglob(f"*{_ENDING}")):
        path = file.relative_to(_TEMPLATE)
        yield path.with_name(path.name.removesuffix(_ENDING)), file.read_text(encoding="utf-8")


def _told(folder: Path) -> list[str]:
    return [
        f"{folder} is a family that works. Put your own task in it, and see that these go on passing:",
        f"  pytest {folder} --agent=oracle",
        f"  pytest {folder} --agent=noop          # every task must fail, with a score of 0",
        f"  pytest {folder} --metr-controls",
        f"  pytest {folder} --metr-family-tests",
        f"  pytest-metr lint {folder}",
    ]
