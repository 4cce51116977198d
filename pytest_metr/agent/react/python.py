"""The tool ``python``: an interpreter that keeps its names."""

from __future__ import annotations

from importlib import resources

from pytest_metr.agent.react.session import Session
from pytest_metr.agent.react.session_tool import SessionTool
from pytest_metr.agent.react.settings import ReactSettings
from pytest_metr.interfaces import Workspace


def python_tool(workspace: Workspace, settings: ReactSettings) -> SessionTool:
    """Return the tool for one run."""
    program = resources.files("pytest_metr.agent.react").joinpath("inside_python.py").read_text(encoding="utf-8")
    return SessionTool(
        workspace,
        Session(workspace, ("python", "-u", "-c", program), wrap, output_limit=settings.output_limit),
        settings,
        name="python",
        content="code",
        purpose=(
            "Run Python code. The interpreter stays the same from call to call, with its variables and imports. What "
            "is printed comes back, and the value of an expression in the last line."
        ),
        program="the interpreter",
        lost="its variables and imports",
        tell_code=False,
    )


def wrap(code: str, nonce: str) -> bytes:
    """Word a piece of code for :mod:`pytest_metr.agent.react.inside_python`."""
    source = code.encode()
    return b"%d\n%b%b\n" % (len(source), source, nonce.encode())
