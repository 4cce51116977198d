"""What a session looks like at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pytest_metr.report.progress.state import RunInHand
from pytest_metr.types import Record

#: Whether a process is alive; it may be one that cannot be looked for from here.
Life = Literal["alive", "dead", "unknown"]
#: What a session does. One that ended in order has its report, one that died has none.
SessionState = Literal["running", "ended", "died"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand(Record):
    """A run, and the process that has it in hand.

    :param process: the process's name: a worker's of pytest-xdist, or ``main``.
    :param life: whether the process is alive; with a dead one the run came to nothing.
    :param last_seen: when the process last had something new to say.
    """

    process: str
    life: Life
    last_seen: str
    run: RunInHand


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView(Record):
    """How far a session has come. Every planned run is either done, running or waiting.

    A run is running as long as a living process has it in hand, also while its task is torn down.

    :param state: whether the session is running, has ended in order, or has died.
    :param ended: how it ended, in words; empty while it runs.
    :param at: the moment that all of this is true of; of a dead session, the last one that is known of.
    :param started_at: when the session began, or was last taken up again; empty where that is not known.
    :param planned: how many runs it is to make in all; 0 while that is not known.
    :param done: how many have come to an end: ``passed``, ``failed``, ``needs_score``, ``infra_errors`` and
        ``left_out`` (by a protocol, a mark, or an interruption) together.
    :param kept: how many of those had come to it before the session was taken up again.
    :param retried: how many runs had a try that came to nothing and was followed, or is to be, by another one.
    :param tokens: over all runs, what is under way included; None where no model was seen.
    :param cost: US dollars, likewise; None where that of some is not known.
    :param in_hand: the runs that are being made, longest first, then those that dead processes had in hand.
    """

    state: SessionState
    ended: str
    at: str
    started_at: str
    planned: int
    done: int
    passed: int
    failed: int
    needs_score: int
    infra_errors: int
    left_out: int
    kept: int
    running: int
    waiting: int
    retried: int
    tokens: int | None
    cost: float | None
    in_hand: tuple[InHand, ...] = ()
