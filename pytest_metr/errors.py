"""The kinds of error, each with its own place in a report.

* :class:`UsageMistake`: a person's mistake in a file or an option. It is told in one line and ends in
  pytest's usage status (4), or, for one family among several, in an error of that family alone.
* :class:`InfrastructureError`: something that is not the agent failed. It never becomes a score.
* :class:`AgentError`: the agent itself failed, which is a result about the agent.

Everything else that is raised is a bug of this package and is reported as an infrastructure error with
the cause ``internal``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_metr.types import LimitName


class MetrError(Exception):
    """Base of all errors that this package raises on purpose."""


class UsageMistake(MetrError):
    """A person's mistake, told as file, key and expectation.

    :param message: what was found and what was expected, in one line.
    :param file: the file that holds the mistake, if there is one.
    :param key: the key inside the file, or the option, for example ``tasks.main.meta.split``.
    """

    def __init__(self, message: str, *, file: Path | str | None = None, key: str | None = None) -> None:
        self.file = None if file is None else str(file)
        self.key = key
        self.message = " ".join(message.split())
        super().__init__(": ".join(part for part in (self.file, key, self.message) if part))


class InfrastructureError(MetrError):
    """Something other than the agent failed.

    :param cause: a short stable word for reports, for example ``sandbox``, ``task_start``,
        ``task_score``, ``missing_secret``, ``worker_crashed``, ``internal``.
    :param evidence: named texts to keep, for example ``stdout``, ``stderr`` and ``exit_code``.
    :param hopeless: whether every further run of the session would fail alike, so that none is to be begun.
    """

    def __init__(
        self, message: str, *, cause: str, evidence: dict[str, str] | None = None, hopeless: bool = False
    ) -> None:
        super().__init__(message)
        self.cause = cause
        self.evidence = dict(evidence or {})
        self.hopeless = hopeless


class SandboxError(InfrastructureError):
    """A sandbox could not be made or stopped working (a command that fails is no such error).

    :param cause: ``sandbox``, or where more is known ``daemon`` (the engine does not answer), ``container_removed``
        (somebody else removed it), ``image_missing``, ``disk_full``, ``out_of_memory`` or ``exec`` (a process could not
        be started).
    """

    def __init__(self, message: str, *, cause: str = "sandbox", evidence: dict[str, str] | None = None) -> None:
        super().__init__(message, cause=cause, evidence=evidence)


class TaskError(InfrastructureError):
    """A task's own code failed: ``install``, ``start``, ``score`` and so on."""


class AgentError(MetrError):
    """The agent failed by itself: it crashed, or made a call that no agent may make."""


class LimitReached(MetrError):
    """An agent has used up one of its limits. Raised to the agent by its workspace."""

    def __init__(self, name: LimitName, allowed: float) -> None:
        super().__init__(f"limit reached: {name} {allowed:g}")
        self.name: LimitName = name
        self.allowed = allowed
