"""Reading runs and labelling them: a program for the terminal, labels as data in and out, and what they come to."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_metr.commands.answer import Answer, json_lines, wrapped
from pytest_metr.commands.person import person
from pytest_metr.commands.runs import require_agents
from pytest_metr.errors import UsageMistake
from pytest_metr.report.labels import Labels, add_labels, findings, read_labels
from pytest_metr.report.reading import WholeSession, read_session
from pytest_metr.review.choice import Choice, Which, chosen, readable, sampled
from pytest_metr.review.document import Reviewed, review_lines, reviewed
from pytest_metr.review.importing import import_labels

if TYPE_CHECKING:
    from pytest_metr.types import RunRecord

_WHICH: dict[str, Which] = {
    "failed": "failed",
    "passed": "passed",
    "at_limit": "at_limit",
    "disputed": "disputed",
    "all_runs": "all",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of the session")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--failed", action="store_true", help="read the runs that failed (the default)")
    which.add_argument("--passed", action="store_true", help="read those that passed")
    which.add_argument("--at-limit", action="store_true", help="read those that a limit ended")
    which.add_argument("--disputed", action="store_true", help="read those whose readers disagree")
    which.add_argument("--all-runs", action="store_true", help="read all that have a score")
    parser.add_argument("--sample", type=int, metavar="N", help="read N of them, drawn at random; the draw is kept")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the draw (default: 0)")
    parser.add_argument("--agent", metavar="NAME", help="only this agent's runs")
    parser.add_argument("--task", metavar="GLOB", help="only runs of this task, or of those that fit the glob")
    parser.add_argument("--unread", action="store_true", help="only runs that this reader has not read")
    parser.add_argument("--reviewer", metavar="NAME", help="who reads (default: the user's name here)")
    parser.add_argument("--settle", action="store_true", help="what is said settles disagreements")
    parser.add_argument("--summary", action="store_true", help="only show what was said, and how far readers agree")
    parser.add_argument("--json", action="store_true", help="only print what was said, as JSON")
    parser.add_argument(
        "--import",
        dest="file",
        metavar="FILE",
        help="take labels from here: JSON Lines, or what --json printed; - for standard input",
    )


def run(arguments: argparse.Namespace) -> Answer:
    """Let a person read runs, or take or tell labels.

    :raises UsageMistake: where the session, its runs or a label are not as they must be, where there is no terminal to
        read at, or the library for it is not installed.
    :raises OSError: where labels cannot be read.
    """
    _expect_reading(arguments)
    session, labels = read_session(arguments.folder), read_labels(arguments.folder)
    if arguments.file is not None:
        return _import(arguments, session)
    if arguments.json:
        return Answer(lines=json_lines("review", _reviewed(session, labels).to_json()))
    if not arguments.summary:
        _read(arguments, session, labels)
        labels = read_labels(arguments.folder)
    lines = review_lines(_reviewed(session, labels))
    return Answer(lines=[each for line in lines for each in wrapped(line) or [""]])


def _expect_reading(arguments: argparse.Namespace) -> None:
    """Refuse options that would do nothing: they choose what is read."""
    without = {"--summary": arguments.summary, "--json": arguments.json, "--import": arguments.file is not None}
    other = next((option for option, given in without.items() if given), None)
    if other is None:
        return
    for name in (*_WHICH, "sample", "agent", "task", "unread", "settle"):
        given = getattr(arguments, name)
        if given is not None and given is not False:
            message = f"expected none with {other}, which is about the whole session"
            raise UsageMistake(message, key="--" + name.replace("_", "-"))


def _reviewed(session: WholeSession, labels: Labels) -> Reviewed:
    return reviewed(str(session.folder), session.runs, labels)


def _import(arguments: argparse.Namespace, session: WholeSession) -> Answer:
    given = arguments.file
    file = Path("standard input" if given == "-" else given)
    try:
        text = sys.stdin.read() if given == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageMistake(f"cannot be read: {error}", file=file, key="--import") from None
    runs = {run.run_id: run for run in readable(session.runs)}
    labels = import_labels(text, file, runs, reviewer=arguments.reviewer, source=f"import {file.name}")
    add_labels(session.folder, labels)
    return Answer(lines=[f"{len(labels)} labels of {len({label.run_id for label in labels})} runs taken from {file}"])


def _read(arguments: argparse.Namespace, session: WholeSession, labels: Labels) -> None:
    reviewer = person(arguments.reviewer, "--reviewer")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageMistake("expected a terminal to read at; --summary, --json and --import need none")
    try:
        from pytest_metr.review.app import ReviewApp
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.partition(".")[0] not in ("textual", "rich"):
            raise
        raise UsageMistake("reading needs the library textual: pip install 'pytest-metr[review]'") from None
    from pytest_metr.review.desk import Desk

    runs = _runs(arguments, session, labels, reviewer)
    ReviewApp(Desk(session, runs, reviewer=reviewer, settles=arguments.settle)).run()


def _runs(arguments: argparse.Namespace, session: WholeSession, labels: Labels, reviewer: str) -> list[RunRecord]:
    which: Which = next((_WHICH[name] for name in _WHICH if getattr(arguments, name)), "failed")
    agents = list(dict.fromkeys(run.agent for run in readable(session.runs)))
    agent = arguments.agent
    if agent is not None:
        require_agents([agent], agents, "--agent")
    if arguments.sample is None:
        choice = Choice(which=which, agent=agent, task=arguments.task, unread_by=reviewer if arguments.unread else None)
        return chosen(session.runs, choice, findings(labels.labels, session.scores))
    if which not in ("failed", "passed") or arguments.task is not None or arguments.unread:
        message = "expected it alone or with --passed: a sample of some of the runs speaks for no others"
        raise UsageMistake(message, key="--sample")
    if agent is None and len(agents) != 1:
        raise UsageMistake(f"expected one of {', '.join(agents) or 'no agent'} for a sample", key="--agent")
    return sampled(
        session.folder,
        session.runs,
        labels.samples,
        agent=agent or agents[0],
        population="passed" if which == "passed" else "failed",
        size=arguments.sample,
        seed=arguments.seed,
        reviewer=reviewer,
    )
