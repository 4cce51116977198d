"""A page to look at, of one session or of two."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

from pytest_metr.commands.answer import Answer
from pytest_metr.commands.runs import add_protocol, choose_protocol, only_agent, require_agents
from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import compare_agents
from pytest_metr.report.html import Content, Side, write_file, write_folder
from pytest_metr.report.reading import RunSet, read_runs
from pytest_metr.report.reading.whole_session import JOURNAL, REPORT, read_session
from pytest_metr.scoring import score_rows
from pytest_metr.types import Comparison, EvaluationProtocol

_MOST_SESSIONS = 2
_ONE_FILE = (".html", ".htm")
_PIECE = 1 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "folders", nargs="+", type=Path, metavar="DIR", help="the folder of a session, or of one before and one after"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("report.html"),
        metavar="PATH",
        help="a file (.html), or a folder with an index.html (default: report.html)",
    )
    parser.add_argument("--agents", nargs=2, metavar=("BEFORE", "AFTER"), help="the agents to compare")
    parser.add_argument(
        "--any-version", action="store_true", help="compare tasks as well whose version or files have changed"
    )
    add_protocol(parser)


def run(arguments: argparse.Namespace) -> Answer:
    """Make the page.

    :raises UsageMistake: where sessions, protocol or agents are not to be had, or the page has no place to be.
    :raises OSError: where it cannot be written.
    """
    folders: Sequence[Path] = arguments.folders
    if len(folders) > _MOST_SESSIONS:
        raise UsageMistake(f"expected the folder of one session, or of one before and one after, found {len(folders)}")
    sessions = [read_session(folder) for folder in folders]
    read = [read_runs([folder]) for folder in folders]
    protocol = choose_protocol(arguments, [source for runs in read for source in runs.sources])
    sides = []
    for session, runs in zip(sessions, read, strict=True):
        scores = score_rows(runs.rows, protocol, sources=runs.paths, broken_families=runs.broken_families)
        sides.append(Side(session=session, scores=scores, digests=_digests(session.folder)))
    content = Content(
        sides=tuple(sides),
        comparison=_comparison(arguments, read, protocol),
        notes=tuple(note for runs in read for note in runs.notes),
    )
    output: Path = arguments.output
    write = write_file if output.suffix.lower() in _ONE_FILE else write_folder
    write(content, output)
    index = output if write is write_file else output / "index.html"
    count = sum(len(session.runs) for session in sessions)
    return Answer(lines=[f"{index}: {count} runs"])


def _comparison(
    arguments: argparse.Namespace, read: Sequence[RunSet], protocol: EvaluationProtocol
) -> Comparison | None:
    """Return how two agents differ: those that are named, else the only one of each of two sessions."""
    before, after = read[0], read[-1]
    if arguments.agents is not None:
        names = arguments.agents
        require_agents(names[:1], before, "--agents")
        require_agents(names[1:], after, "--agents")
    elif before is after:
        return None
    else:
        names = [only_agent(before), only_agent(after)]
    rows = (before.of_agents(names[:1]), after.of_agents(names[1:]))
    return compare_agents(*rows, protocol, same_versions_only=not arguments.any_version)


def _digests(folder: Path) -> dict[str, str]:
    digests = {}
    for name in (REPORT, JOURNAL):
        path = folder / name
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.sha256()
                while piece := file.read(_PIECE):
                    digest.update(piece)
            digests[name] = digest.hexdigest()
    return digests
