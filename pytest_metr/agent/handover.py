"""The files by which a program in the sandbox and this package talk: METR's workbench interface."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from pytest_metr.errors import AgentError
from pytest_metr.interfaces import Workspace
from pytest_metr.types import ExecResult

HOME = "/home/agent"
INSTRUCTIONS_FILE = f"{HOME}/instructions.txt"
SUBMISSION_FILE = f"{HOME}/submission.txt"
SCAFFOLDING = f"{HOME}/scaffolding"
#: A larger submission is refused, in bytes.
SUBMISSION_LIMIT = 10 * 1024 * 1024

_TAIL = 2000


@runtime_checkable
class LeavesSubmission(Protocol):
    """An agent whose submission is a file in the sandbox, so that one is there when a limit ends the run."""

    @property
    def submission_file(self) -> str:
        """The path of the file in the sandbox."""
        ...


class ProgramFailed(AgentError):
    """The agent's program ended with an exit status other than 0.

    :param result: what it left behind; the end of its output is kept as evidence.
    """

    def __init__(self, what: str, result: ExecResult) -> None:
        self.evidence = {
            "exit_code": str(result.exit_code),
            "stdout": result.out[-_TAIL:],
            "stderr": result.err[-_TAIL:],
        }
        said = (result.err.strip() or result.out.strip())[-_TAIL:]
        super().__init__(f"{what} ended with exit code {result.exit_code}" + (f": {said}" if said else ""))


def write_instructions(workspace: Workspace) -> None:
    """Write the instructions where the program expects them, with no newline added."""
    text = workspace.instructions
    data = text.encode("utf-8", "replace")
    if data.decode() != text:
        workspace.record("note", text="the instructions have characters that UTF-8 has not; they became '?'")
    workspace.write_file(INSTRUCTIONS_FILE, data)


def read_submission(workspace: Workspace) -> str | None:
    """Return what the program left as its submission, exactly, or None where it left none.

    It is read as user ``agent``: a link leads only to what the agent could have copied anyway.

    :raises AgentError: where it is no regular file, or is too large.
    """
    try:
        data = workspace.read_file(SUBMISSION_FILE, limit=SUBMISSION_LIMIT)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise AgentError(
            f"{SUBMISSION_FILE}: expected a file of at most {SUBMISSION_LIMIT} bytes that its user may read: {error}"
        ) from error
    text = data.decode("utf-8", "replace")
    if text.encode() != data:
        workspace.record("note", text="the submission is not UTF-8; what is not became U+FFFD")
    return text
