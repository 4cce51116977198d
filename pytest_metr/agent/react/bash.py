"""The tool ``bash``: a shell that keeps its folder, variables, functions and background jobs."""

from __future__ import annotations

import shlex

from pytest_metr.agent.react.session import Session
from pytest_metr.agent.react.session_tool import SessionTool
from pytest_metr.agent.react.settings import ReactSettings
from pytest_metr.interfaces import Workspace

#: Reads commands from its standard input, line by line, and no start-up files.
_ARGV = ("bash", "--noprofile", "--norc", "-s")


def bash_tool(workspace: Workspace, settings: ReactSettings) -> SessionTool:
    """Return the tool for one run."""
    return SessionTool(
        workspace,
        Session(workspace, _ARGV, wrap, output_limit=settings.output_limit),
        settings,
        name="bash",
        content="command",
        purpose=(
            "Run a command in bash. The shell stays the same from call to call, with its folder, variables, functions "
            "and background jobs. Standard input is empty; standard output and standard error come together."
        ),
        program="the shell",
        lost="its folder, variables and functions",
        tell_code=True,
    )


def wrap(command: str, nonce: str) -> bytes:
    """Word a command for the shell.

    It is run by ``eval``, so that one with an open quote ends there. Redirections of the shell itself (``exec >file``)
    hold for the command alone; so do ``set -e`` and ``set -u``, by which any later failure would end the shell.
    The shell's own standard output is number 250, which the command does not get.
    """
    run = f"exec 250>&1\neval {shlex.quote(command)} </dev/null >&250 2>&1 250>&-\n"
    end = rf"builtin printf '\0%s %d\0' {nonce} $? >&250; builtin set +eu" + "\n"
    return (run + end).encode()
