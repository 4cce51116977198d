"""A session in the form of another program."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.commands.answer import Answer, json_lines, wrapped
from pytest_metr.commands.labelled import read_labelled
from pytest_metr.commands.runs import note_lines, require_agents
from pytest_metr.errors import UsageMistake
from pytest_metr.inspect_log import WrittenLog
from pytest_metr.texts import printable
from pytest_metr.types import Record

#: The oldest version of inspect-ai that has all that is used of it.
OLDEST = "0.3.275"
_INSTALL = "pip install 'pytest-metr[inspect]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDocument(Record):
    """What was written.

    :param to: the program that reads it.
    :param logs: in the order of the session's agents.
    :param notes: what a reader must know of the session's labels.
    """

    to: str
    logs: tuple[WrittenLog, ...] = ()
    notes: tuple[str, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of a session")
    parser.add_argument("--to", choices=["inspect"], required=True, help="the program that is to read it")
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="DIR", help="where to write; it is made where it is missing"
    )
    parser.add_argument("--agent", action="append", default=[], metavar="NAME", help="only this agent; may be repeated")
    parser.add_argument(
        "--task", action="append", default=[], metavar="GLOB", help="only tasks such as 'mill/*'; may be repeated"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> Answer:
    """Write a session's logs.

    :raises UsageMistake: where there is no session, nothing in it that was asked for, or no inspect-ai, or a log cannot
        be written.
    :raises OSError: where a transcript cannot be read.
    """
    labelled = read_labelled(arguments.folder)
    session = labelled.session
    named = dict.fromkeys([*(agent.name for agent in session.info.agents), *(run.agent for run in session.runs)])
    require_agents(arguments.agent, list(named), "--agent")
    if arguments.out.exists() and not arguments.out.is_dir():
        raise UsageMistake("expected a folder, found a file", file=arguments.out, key="--out")
    _require_inspect()
    from pytest_metr.inspect_log.writing import export_session

    asked = {"agents": arguments.agent, "tasks": arguments.task}
    logs = export_session(session, arguments.out, **asked, findings=labelled.findings)
    if not logs:
        of = f" of tasks like {', '.join(map(repr, arguments.task))}" if arguments.task else ""
        raise UsageMistake(f"expected runs{of}, found none", file=arguments.folder)
    if arguments.json:
        document = ExportDocument(to=arguments.to, logs=tuple(logs), notes=tuple(labelled.notes))
        return Answer(lines=json_lines("export", document.to_json()))
    lines = [line for log in logs for line in _lines(log)]
    return Answer(
        lines=[*lines, *note_lines(labelled.notes), "", f"inspect view --log-dir {printable(str(arguments.out))}"]
    )


def _lines(log: WrittenLog) -> list[str]:
    runs = f"{log.samples} run{'' if log.samples == 1 else 's'}"
    lines = wrapped(f"{printable(log.agent)}: {runs} in {printable(log.file)}")
    if log.not_run:
        lines += wrapped(f"  {log.not_run} more were not run: they are counted in the log's metadata")
    if log.without_transcript:
        lines += wrapped(f"  {log.without_transcript} without a transcript")
    if log.unmapped:
        kinds = ", ".join(f"{count} {printable(kind)}" for kind, count in log.unmapped.items())
        lines += wrapped(f"  not what they say they are, and kept as they are: {kinds}")
    return lines


def _require_inspect() -> None:
    """See that inspect-ai is there. :raises UsageMistake: where it is not, or is too old."""
    from importlib.metadata import PackageNotFoundError, version

    from packaging.version import Version

    try:
        found = version("inspect-ai")
    except PackageNotFoundError:
        raise UsageMistake(f"expected the package inspect-ai: {_INSTALL}", key="--to") from None
    if Version(found) < Version(OLDEST):
        raise UsageMistake(f"expected inspect-ai {OLDEST} or newer, found {found}: {_INSTALL}", key="--to")
