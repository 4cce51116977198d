"""The agent that is a program in the sandbox, as METR's workbench runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_metr.agent.handover import (
    HOME,
    SCAFFOLDING,
    SUBMISSION_FILE,
    ProgramFailed,
    read_submission,
    write_instructions,
)
from pytest_metr.agent.identity import path_setting
from pytest_metr.agent.kind import AgentKind
from pytest_metr.fields import Fields
from pytest_metr.interfaces import Workspace
from pytest_metr.types import AgentSpec


class CommandAgent:
    """Brings a folder of code, runs one command as the agent in its home, and hands in ``submission.txt``.

    :param command: text for bash, or a program and its arguments.
    :param env: the only variables that the command gets besides the sandbox's own.
    :param code: the folder on the host that becomes ``/home/agent/scaffolding``, or None.
    """

    submission_file = SUBMISSION_FILE

    def __init__(self, *, command: str | Sequence[str], env: Mapping[str, str], code: Path | None) -> None:
        self._argv = ["bash", "-c", command] if isinstance(command, str) else list(command)
        self._env = dict(env)
        self._code = code

    def run(self, workspace: Workspace) -> str:
        """Run the command until it ends.

        :raises AgentError: where it fails without a submission, or what it left is no readable file.
        """
        write_instructions(workspace)
        if self._code is not None:
            workspace.put_tree(self._code, SCAFFOLDING)
        result = workspace.exec(self._argv, cwd=HOME, env=self._env)
        submission = read_submission(workspace)
        if submission is None and not result.ok:
            raise ProgramFailed("the agent's command", result)
        if not result.ok:
            workspace.record("note", text=f"exit code {result.exit_code}, but there is a submission, which counts")
        if submission is None:
            workspace.record("note", text=f"no {SUBMISSION_FILE}: the submission is empty")
        return submission or ""


def _check(fields: Fields) -> dict[str, Any]:
    settings: dict[str, Any] = {"command": fields.command("command"), "env": fields.variables("env")}
    if fields.optional_text("code") is not None:
        settings["code"] = fields.path("code", "folder")
    return settings


def _make(spec: AgentSpec) -> CommandAgent:
    return CommandAgent(
        command=spec.settings["command"],
        env=spec.settings["env"],
        code=path_setting(spec, "code") if "code" in spec.settings else None,
    )


COMMAND = AgentKind(name="command", check=_check, make=_make, paths=("code",))
