"""The command ``pytest-metr``: what is asked outside of a pytest session."""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn, TextIO

from pytest_metr.commands.answer import Answer
from pytest_metr.errors import MetrError, UsageMistake
from pytest_metr.windows import refuse_windows

#: The commands, each a module of :mod:`pytest_metr.commands`, and what they are for.
COMMANDS = {
    "score": "show what agents scored: overall, by bracket, and as time horizons, with intervals",
    "compare": "show how two agents differ on the tasks that both have runs of",
    "gate": "say whether agents keep the rules of a gate file",
    "report": "make a page to look at: verdict, numbers, every run and its transcript, in one file",
    "freeze": "say that an agent is elicited, so that test runs of a changed one can be told",
    "review": "read runs and label them: what was the agent, and what was not",
    "elicitation": "report on the elicitation of an agent: what was done, what was found, what stays doubtful",
    "impact": "show what each step of elicitation was worth, and the safety margin that it suggests for a gate",
    "tasks": "list the tasks of families from their manifests",
    "lint": "look over families for what would make their scores worth less",
    "new-family": "make a family that works, to put a task of your own in",
    "reseed": "make another instance of a seeded family, for when one has leaked",
    "protocol": "show everything that an evaluation protocol says",
    "schema": "print the JSON Schema of a document",
    "doctor": "show which sandboxes work here, and which families can run",
    "baselines": "show how long people took for tasks (--agent=human), and what that comes to",
    "status": "show how far a session has come: one that runs, has ended, or has died",
    "export": "write a session in the form of another program: logs for inspect view",
    "recover": "make the report of a session that died, from what it left behind",
    "clean": "remove what dead sessions have left in the folder for temporary files",
}
#: Pytest's exit status for a mistake on the command line.
USAGE_ERROR = 4
_INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """Tells of a person's mistake as all else here does: in one line, with exit status 4."""

    def error(self, message: str) -> NoReturn:
        raise UsageMistake(f"{message} (see {self.prog} --help)")


def run() -> NoReturn:
    """Be the process of one command, and end with its exit status."""
    # A command is over before there is much to collect; looking for it all the while takes a fifth of the time.
    gc.disable()
    sys.exit(main())


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    0; 1 for a negative answer; 20 for a gate that nobody can judge; 4 for a person's mistake, told in one line on
    standard error; 130 where it was interrupted.
    """
    try:
        return _answered(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _answered(argv: Sequence[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        _write_anything(stream)
    try:
        answer = _answer(argv)
    except (MetrError, OSError) as error:
        _complain(str(error))
        return USAGE_ERROR
    try:
        for remark in answer.remarks:
            _complain(remark)
        sys.stdout.write("".join(f"{line}\n" for line in answer.lines))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has read enough
        _drop_output()
    except OSError as error:
        _drop_output()
        _complain(f"the answer could not be written: {error.strerror}")
        return USAGE_ERROR
    return answer.status


def _answer(argv: Sequence[str]) -> Answer:
    name = argv[0] if argv else None
    if name not in COMMANDS:
        return _help(argv)
    summary = COMMANDS[name]
    # Only the command that is asked for is imported: some of them need libraries that take their time.
    command = import_module(f"pytest_metr.commands.{name.replace('-', '_')}")
    parser = _Parser(prog=f"pytest-metr {name}", description=f"{summary[0].upper()}{summary[1:]}.", allow_abbrev=False)
    command.add_arguments(parser)
    arguments = parser.parse_intermixed_args(argv[1:])
    refuse_windows()
    answer: Answer = command.run(arguments)
    return answer


def _help(argv: Sequence[str]) -> Answer:
    """Return the list of commands where it is asked for, and complain about anything else.

    :raises UsageMistake: where no command is named, or one that there is not.
    """
    if argv and argv[0] in ("-h", "--help"):
        room = max(map(len, COMMANDS))
        lines = [f"  {name:<{room}}  {summary}" for name, summary in COMMANDS.items()]
        usage = "usage: pytest-metr COMMAND ... (pytest-metr COMMAND --help says more)"
        return Answer(lines=[usage, "", "METR task families under pytest.", "", *lines])
    found = f"found {argv[0]!r}" if argv else "found none"
    raise UsageMistake(f"expected a command, one of {', '.join(COMMANDS)}; {found}")


def _write_anything(stream: TextIO) -> None:
    """See that no character of a name or a path makes writing fail, whatever the locale."""
    if isinstance(stream, io.TextIOWrapper):
        encoding = None if stream.isatty() else "utf-8"
        stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _complain(text: str) -> None:
    line = "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))
    sys.stderr.write(f"pytest-metr: {line}\n")


def _drop_output() -> None:
    """Let what is still to be written go nowhere, so that Python does not try again, and fail, at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    finally:
        os.close(nowhere)
