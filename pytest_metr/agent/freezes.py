"""Which agents were frozen: a file beside the agent files, to be kept with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pytest_metr.errors import UsageMistake
from pytest_metr.types import AgentSpec, Freeze

FROZEN_FILE = "frozen.jsonl"


def frozen_file(spec: AgentSpec, *, search: Sequence[Path]) -> Path:
    """Return the file that says whether an agent was frozen: beside its own, else in the first folder of *search*."""
    folder = Path(spec.file).parent if spec.file is not None else search[0]
    return folder / FROZEN_FILE


def read_freezes(file: Path) -> dict[str, Freeze]:
    """Return by agent the last time that it was frozen; nothing where there is no such file.

    :raises UsageMistake: where a line is not as :func:`freeze_line` makes it, with its number.
    """
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageMistake(f"cannot be read: {error.strerror}", file=file) from error
    freezes = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            freeze = _freeze(line, Path(f"{file}:{number}"))
            freezes[freeze.agent] = freeze
    return freezes


def freeze_line(freeze: Freeze) -> bytes:
    """Return the line that says that an agent was frozen."""
    return json.dumps(freeze.to_json()).encode("ascii") + b"\n"


def _freeze(line: bytes, place: Path) -> Freeze:
    try:
        freeze = Freeze.from_json(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageMistake(f"expected a line of pytest-metr freeze: {error}", file=place) from None
    texts = (freeze.agent, freeze.identity, freeze.at, freeze.by, freeze.note, *freeze.overrides.values())
    if not all(isinstance(text, str) for text in texts):
        raise UsageMistake("expected a line of pytest-metr freeze: texts alone", file=place)
    return freeze
