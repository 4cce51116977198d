"""What the report document says about the session as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_metr.types import AgentSpec, Limits, Record, SandboxInfo

SCHEMA_NAME = "pytest-metr/report"
SCHEMA_VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption(Record):
    """One time that a session was taken up again.

    :param at: when.
    :param changes: a line for each thing that was no longer as it had been, which somebody chose to pass over.
    :param kept: how many runs had come to their end before.
    :param command_line: the arguments, without secrets.
    """

    at: str
    changes: tuple[str, ...] = ()
    kept: int = 0
    command_line: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo(Record):
    """How a session was run, and how it ended.

    :param started_at: when it began, in UTC (ISO 8601, milliseconds, ``Z``); empty where the journal has lost it.
    :param ended_at: when it ended, likewise, or when its report was made from what a dead session left.
    :param command_line: the arguments, without secrets.
    :param exit_status: what the exit status means, in words.
    :param versions: versions by name: ``python``, ``pytest``, ``pytest_metr`` and whatever else matters.
    :param platform: operating system, release and machine.
    :param sandbox: what the sandboxes were made of; None where none was made.
    :param weighting: the name of the weighting behind the overall scores; ``recorded`` where the hook
        ``pytest_metr_task_weights`` made the weights, which then stand beside the runs alone.
    :param runs_per_task: how many runs of every task each agent was to make.
    :param limits: the limits that the session set for all agents.
    :param agents: the agents, in the order of the command line.
    :param resumed: each time that the session was taken up again, in their order.
    """

    started_at: str
    ended_at: str
    command_line: tuple[str, ...]
    exit_status: str
    versions: dict[str, str]
    platform: str
    sandbox: SandboxInfo | None
    weighting: str
    runs_per_task: int
    limits: Limits = field(default_factory=Limits)
    agents: tuple[AgentSpec, ...] = ()
    resumed: tuple[Resumption, ...] = ()
