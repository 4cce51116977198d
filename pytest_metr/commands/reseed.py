"""Another instance of a seeded family, for when one has leaked."""

from __future__ import annotations

import argparse
import re
import secrets
from pathlib import Path

from pytest_metr.collect import read_family
from pytest_metr.commands.answer import Answer
from pytest_metr.commands.new_family import SEED_BITS
from pytest_metr.errors import UsageMistake
from pytest_metr.family_layout import SEED_FILE
from pytest_metr.report import write_bytes

_VERSION = re.compile(r"^(?P<key>\s*version:\s*)(?P<quote>[\"']?)(?P<start>\d+\.\d+\.)(?P<last>\d+)(?P=quote)", re.M)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("folder", type=Path, metavar="FAMILY", help="the family's folder")
    parser.add_argument("--seed", type=int, metavar="N", help="the number to take (default: a new one)")


def run(arguments: argparse.Namespace) -> Answer:
    """Write another seed, and raise the versions: scores of two instances are not scores of one task.

    :raises UsageMistake: where the family has no seed, or the number is below 0.
    """
    family = read_family(arguments.folder)
    file, manifest = arguments.folder / SEED_FILE, arguments.folder / "manifest.yaml"
    if not file.is_file():
        raise UsageMistake(f"expected {SEED_FILE}: no instance of this family is made from a seed", file=family.dir)
    if arguments.seed is not None and arguments.seed < 0:
        raise UsageMistake(f"expected a number of 0 or more, found {arguments.seed}", key="--seed")
    seed = secrets.randbits(SEED_BITS) if arguments.seed is None else arguments.seed
    before = file.read_text(encoding="utf-8").strip()
    write_bytes(file, f"{seed}\n".encode())
    lines = [f"{file}: {before} -> {seed}"]
    if manifest.is_file():
        text, count = _VERSION.subn(_raised, manifest.read_text(encoding="utf-8"))
        write_bytes(manifest, text.encode())
        lines.append(f"{manifest}: {count} versions raised")
    return Answer(lines=lines)


def _raised(found: re.Match[str]) -> str:
    return f"{found['key']}{found['quote']}{found['start']}{int(found['last']) + 1}{found['quote']}"
