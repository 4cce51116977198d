"""A tool that runs what the model writes in a session of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_metr.agent.models.chat import ToolSpec
from pytest_metr.agent.react.session import Ran, Session
from pytest_metr.agent.react.settings import ReactSettings
from pytest_metr.interfaces import Workspace


class SessionTool:
    """Runs commands one after the other; each is one action and one event of the transcript.

    The event has the command, its timeout, the output as it is shown to the model, exit code, seconds, whether it
    timed out, and how many bytes of the output were dropped.

    :param name: of the tool and of its events.
    :param content: the name of the argument that holds the command.
    :param purpose: what the model is told of the tool.
    :param program: what the model is told that a session is, for example ``the shell``.
    :param lost: what is told to be lost when a session ends.
    :param tell_code: whether the model is told an exit code other than 0.
    """

    def __init__(
        self,
        workspace: Workspace,
        session: Session,
        settings: ReactSettings,
        *,
        name: str,
        content: str,
        purpose: str,
        program: str,
        lost: str,
        tell_code: bool,
    ) -> None:
        self._workspace = workspace
        self._session = session
        self._usual, self._most = settings.tool_timeout_seconds, settings.tool_timeout_most
        self._content = content
        self._program, self._lost = program, lost
        self._tell_code = tell_code
        about = f"Seconds after which it is killed; {self._usual:g} unless given, at most {self._most:g}."
        properties = {content: {"type": "string"}, "timeout": {"type": "number", "description": about}}
        parameters = {"type": "object", "properties": properties, "required": [content], "additionalProperties": False}
        self.spec = ToolSpec(name=name, description=purpose, parameters=parameters)

    def run(self, arguments: Mapping[str, Any]) -> str:
        """Run a command and return what the model is shown of it.

        :raises LimitReached: before it begins, or where the agent's time is over before it ends; it is killed then.
        """
        command, timeout = arguments[self._content], min(arguments.get("timeout", self._usual), self._most)
        left = self._workspace.check_limits().seconds
        self._session.start()
        with self._workspace.action(self.spec.name, **{self._content: command}, timeout=timeout) as event:
            ran = self._session.run(command, timeout if left is None else min(timeout, left))
            shown = self._shown(ran, timeout)
            event.update(output=shown, exit_code=ran.exit_code, seconds=ran.seconds)
            event.update(timed_out=ran.timed_out, dropped=ran.dropped, **({"session_ended": True} if ran.ended else {}))
        self._workspace.check_time()
        if ran.timed_out or ran.ended:
            self._workspace.observe("tool_timeout" if ran.timed_out else "session_ended")
        return shown

    def _shown(self, ran: Ran, timeout: float) -> str:
        notes = []
        if ran.timed_out:
            notes.append(
                f"[not done after {timeout:g} seconds: killed, with {self._program} and all that it had started. "
                f"The next call gets a new one, without {self._lost}.]"
            )
        elif ran.ended:
            notes.append(
                f"[{self._program} has ended with exit code {ran.exit_code}. "
                f"The next call gets a new one, without {self._lost}.]"
            )
        elif self._tell_code and ran.exit_code:
            notes.append(f"[exit code {ran.exit_code}]")
        elif not ran.output:
            notes.append("[no output]")
        separator = "" if not ran.output or ran.output.endswith("\n") else "\n"
        return ran.output + separator + "\n".join(notes) if notes else ran.output
