"""The agent that does again what a recording says: for tests of tasks, of scoring, and of this package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_metr.agent.identity import path_setting
from pytest_metr.agent.kind import AgentKind
from pytest_metr.documents import read_document
from pytest_metr.errors import AgentError, InfrastructureError
from pytest_metr.fields import Fields
from pytest_metr.interfaces import Workspace
from pytest_metr.types import AgentSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecAction:
    """Run a command; what comes of it is in the transcript, and changes nothing."""

    argv: tuple[str, ...]
    cwd: str | None
    env: Mapping[str, str]
    stdin: str
    timeout: float | None

    def do(self, workspace: Workspace) -> None:
        """Do it."""
        workspace.exec(self.argv, cwd=self.cwd, env=self.env, stdin=self.stdin.encode(), timeout=self.timeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteAction:
    """Write a file."""

    path: str
    content: str

    def do(self, workspace: Workspace) -> None:
        """Do it."""
        workspace.write_file(self.path, self.content.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreAction:
    """Ask for an intermediate score."""

    def do(self, workspace: Workspace) -> None:
        """Do it."""
        workspace.score()


Action = ExecAction | WriteAction | ScoreAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What is to be done for one task."""

    actions: tuple[Action, ...]
    submission: str


class ReplayAgent:
    """Does the actions that are recorded for a task, one after the other, and hands in what is recorded.

    :param recordings: task id -> recording.
    """

    def __init__(self, recordings: Mapping[str, Recording]) -> None:
        self._recordings = recordings

    def run(self, workspace: Workspace) -> str:
        """Replay.

        :raises InfrastructureError: cause ``no_recording``, where there is none for the task.
        :raises AgentError: where an action cannot be done (a command that fails is no such thing).
        """
        recording = self._recordings.get(workspace.task_id)
        if recording is None:
            raise InfrastructureError(f"there is no recording for {workspace.task_id}", cause="no_recording")
        for number, action in enumerate(recording.actions):
            try:
                action.do(workspace)
            except (OSError, ValueError) as error:
                raise AgentError(f"actions[{number}] cannot be done: {error}") from error
        return recording.submission


def read_recordings(path: Path) -> dict[str, Recording]:
    """Read a file of recordings: a mapping ``family/task`` -> ``{actions: [...], submission: text}``.

    :raises UsageMistake: where it is malformed.
    """
    document = read_document(path)
    recordings = {}
    for task_id in document.names():
        family, _, task = task_id.partition("/")
        if not (family and task):
            document.wrong(task_id, "expected a task id, family/task")
        fields = document.mapping(task_id)
        submission = fields.text("submission")
        actions = tuple(
            _action(fields.nested(entry, f"actions[{number}]")) for number, entry in enumerate(fields.items("actions"))
        )
        fields.finish()
        recordings[task_id] = Recording(actions=actions, submission=submission)
    return recordings


def _action(fields: Fields) -> Action:
    action: Action
    if "exec" in fields:
        command = fields.command("exec")
        action = ExecAction(
            argv=("bash", "-c", command) if isinstance(command, str) else tuple(command),
            cwd=fields.optional_text("cwd"),
            env=fields.variables("env"),
            stdin=fields.optional_text("stdin") or "",
            timeout=fields.positive_number("timeout"),
        )
    elif "write" in fields:
        action = WriteAction(path=fields.text("write"), content=fields.text("content"))
    elif "score" in fields:
        action = ScoreAction()
        if not fields.flag("score"):
            fields.wrong("score", "expected true")
    else:
        fields.wrong("", "expected an action: exec, write or score")
    fields.finish()
    return action


def _check(fields: Fields) -> dict[str, Any]:
    file = fields.path("file", "file")
    if fields.file is not None:
        read_recordings(fields.file.parent / file)  # a mistake in it is told before anything runs
    return {"file": file}


def _make(spec: AgentSpec) -> ReplayAgent:
    return ReplayAgent(read_recordings(path_setting(spec, "file")))


REPLAY = AgentKind(name="replay", check=_check, make=_make, paths=("file",))
