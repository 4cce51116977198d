"""The agent that is a program in the sandbox, as METR's workbench runs them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_metr.agent.gateway import Gateway, run_attended
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
from pytest_metr.agent.models import ModelCaller, ModelSettings, check_model, key_variable
from pytest_metr.fields import Fields, describe
from pytest_metr.interfaces import Workspace
from pytest_metr.types import AgentSpec, ExecResult

#: Makes what asks the agent's model, for one run.
MakeCaller = Callable[[Workspace], ModelCaller]

#: A requirement as pip reads one: a name and what may follow it, never an option or the path of a folder.
_REQUIREMENT = re.compile(r"[A-Za-z0-9][^\r\n\0]*")


class CommandAgent:
    """Brings a folder of code, runs one command as the agent in its home, and hands in ``submission.txt``.

    :param command: text for bash, or a program and its arguments.
    :param env: variables that the command gets besides the sandbox's own; they go before those of the gateway.
    :param code: the folder on the host that becomes ``/home/agent/scaffolding``, or None.
    :param caller: makes what asks the model by which the command thinks; None where the gateway offers none.
    """

    submission_file = SUBMISSION_FILE

    def __init__(
        self,
        *,
        command: str | Sequence[str],
        env: Mapping[str, str],
        code: Path | None,
        caller: MakeCaller | None = None,
    ) -> None:
        self._argv = ["bash", "-c", command] if isinstance(command, str) else list(command)
        self._env = dict(env)
        self._code = code
        self._caller = caller

    def run(self, workspace: Workspace) -> str:
        """Run the command until it ends, or until what it asked of the gateway ends the run.

        :raises AgentError: where it fails without a submission, or what it left is no readable file.
        """
        write_instructions(workspace)
        if self._code is not None:
            workspace.put_tree(self._code, SCAFFOLDING)
        if self._caller is None and not workspace.can_score:
            result = workspace.exec(self._argv, cwd=HOME, env=self._env)
        else:
            result = self._run_with_gateway(workspace)
        submission = read_submission(workspace)
        if submission is None and not result.ok:
            raise ProgramFailed("the agent's command", result)
        if not result.ok:
            workspace.record("note", text=f"exit code {result.exit_code}, but there is a submission, which counts")
        if submission is None:
            workspace.record("note", text=f"no {SUBMISSION_FILE}: the submission is empty")
        return submission or ""

    def _run_with_gateway(self, workspace: Workspace) -> ExecResult:
        gateway = Gateway(workspace, caller=None if self._caller is None else self._caller(workspace))
        with gateway:
            env = {**gateway.environment, **self._env}
            result = run_attended(workspace, self._argv, cwd=HOME, env=env, ending=gateway.ending)
        # What was under way when the command ended may have met a limit, or a server that fails.
        gateway.ending.check()
        gateway.check_served()
        return result


def _check(fields: Fields) -> dict[str, Any]:
    settings: dict[str, Any] = {"command": fields.command("command"), "env": fields.variables("env")}
    if fields.optional_text("code") is not None:
        settings["code"] = fields.path("code", "folder")
    if packages := [_requirement(item, n, fields) for n, item in enumerate(fields.items("packages"))]:
        settings["packages"] = packages
    if fields.optional_flag("gateway"):
        settings["gateway"] = check_model(fields)
    return settings


def _requirement(item: object, number: int, fields: Fields) -> str:
    if not isinstance(item, str) or not _REQUIREMENT.fullmatch(item):
        fields.wrong(f"packages[{number}]", f"expected a requirement such as name==1.0, found {describe(item)}")
    return item


def _make(spec: AgentSpec) -> CommandAgent:
    return CommandAgent(
        command=spec.settings["command"],
        env=spec.settings["env"],
        code=path_setting(spec, "code") if "code" in spec.settings else None,
        caller=_caller(spec) if _uses_model(spec.settings) else None,
    )


def _caller(spec: AgentSpec) -> MakeCaller:
    settings = _model_settings(spec)
    return lambda workspace: ModelCaller(workspace, settings)


def _model_settings(spec: AgentSpec) -> ModelSettings:
    return ModelSettings.of(str(spec.model), spec.settings["gateway"])


def _uses_model(settings: Mapping[str, Any]) -> bool:
    return "gateway" in settings


def _secrets(spec: AgentSpec) -> Sequence[str]:
    variable = key_variable(str(spec.model), spec.settings["gateway"]) if _uses_model(spec.settings) else None
    return () if variable is None else (variable,)


COMMAND = AgentKind(name="command", check=_check, make=_make, paths=("code",), uses_model=_uses_model, secrets=_secrets)
