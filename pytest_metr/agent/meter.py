"""What one run may use, what it has used, and the moment at which that is too much."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from pytest_metr.agent.clock import AgentClock
from pytest_metr.errors import LimitReached
from pytest_metr.interfaces import Left
from pytest_metr.types import LimitName, Limits, ModelUsage, Usage

#: Called once, with the limit that was reached and what had been used of it.
Told = Callable[[LimitName, float, float], None]


class Meter:
    """Counts what an agent uses and keeps its limits. Safe to use from several threads.

    Time is used up when none is left; of tokens, cost and actions exactly as much as is allowed may be used. Nothing
    new may be begun in either case. Once reached, a limit stays reached.

    :param clock: the agent's time, which somebody else starts and stops.
    :param told: is called when a limit is reached.
    """

    def __init__(self, limits: Limits, clock: AgentClock, *, told: Told) -> None:
        self.limits = limits
        self.clock = clock
        self._told = told
        self._lock = threading.Lock()
        self._waited = 0.0
        self._waiting = 0
        self._waiting_since = 0.0
        self._actions = 0
        self._models: dict[str, ModelUsage] = {}
        self._observed: Counter[str] = Counter()
        self._reached: LimitReached | None = None

    @property
    def usage(self) -> Usage:
        """What has been used so far."""
        with self._lock:
            models = tuple(self._models.values())
            actions = self._actions
            seconds = self.clock.seconds
            waited = self._waited + (seconds - self._waiting_since if self._waiting else 0.0)
        costs = [model.cost for model in models if model.cost is not None]
        return Usage(
            seconds=seconds,
            working_seconds=max(0.0, seconds - waited),
            actions=actions,
            tokens=sum(model.tokens.total for model in models) if models else None,
            cost=sum(costs) if models and len(costs) == len(models) else None,
            models=models,
        )

    @property
    def observed(self) -> dict[str, int]:
        """How often something was observed, by name."""
        with self._lock:
            return dict(self._observed)

    def observe(self, name: str) -> None:
        """Count something that was observed."""
        with self._lock:
            self._observed[name] += 1

    def act(self) -> None:
        """Count one action. :raises LimitReached: where nothing may be begun any more."""
        self.check()
        with self._lock:
            self._actions += 1

    def spend(self, usage: ModelUsage) -> None:
        """Count what a model was used for. :raises LimitReached: where that is more than is allowed."""
        with self._lock:
            before = self._models.get(usage.model)
            self._models[usage.model] = usage if before is None else added(before, usage)
        used, limits = self.usage, self.limits
        if limits.tokens is not None and (used.tokens or 0) > limits.tokens:
            self._reach("tokens", limits.tokens, used.tokens or 0)
        if limits.cost is not None and (used.cost or 0.0) > limits.cost:
            self._reach("cost", limits.cost, used.cost or 0.0)

    def check_time(self) -> None:
        """See that what has come to its end did so in time. :raises LimitReached: where it did not."""
        if self._reached is not None:
            raise LimitReached(self._reached.name, self._reached.allowed)
        for left, name, allowed, amount in self._times(self.usage):
            if left <= 0:
                self._reach(name, allowed, amount)

    def check(self) -> Left:
        """Return what is left. :raises LimitReached: where nothing may be begun any more."""
        self.check_time()
        used, limits = self.usage, self.limits
        amounts: tuple[tuple[LimitName, float | None, float], ...] = (
            ("tokens", limits.tokens, used.tokens or 0),
            ("cost", limits.cost, used.cost or 0.0),
            ("actions", limits.actions, used.actions),
        )
        for name, allowed, amount in amounts:
            if allowed is not None and amount >= allowed:
                self._reach(name, allowed, amount)
        left = {name: allowed - amount for name, allowed, amount in amounts if allowed is not None}
        return Left(
            seconds=min((share for share, _, _, _ in self._times(used)), default=None),
            tokens=None if limits.tokens is None else int(left["tokens"]),
            cost=left.get("cost"),
            actions=None if limits.actions is None else int(left["actions"]),
        )

    def time_is_up(self) -> None:
        """Take note that a command has used up the time, which a sandbox may say a hair before the clock does.

        :raises LimitReached: always.
        """
        _, name, allowed, amount = min(self._times(self.usage))
        self._reach(name, allowed, amount)

    def _times(self, used: Usage) -> Iterator[tuple[float, LimitName, float, float]]:
        """Yield for each limit of time what is left of it, its name, what it allows and what has been used."""
        limits = self.limits
        if limits.wall_seconds is not None:
            yield limits.wall_seconds - used.seconds, "wall_seconds", limits.wall_seconds, used.seconds
        if limits.working_seconds is not None:
            left = limits.working_seconds - used.working_seconds
            yield left, "working_seconds", limits.working_seconds, used.working_seconds

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Take the time inside the block for waiting. Blocks may overlap: what several wait for counts once."""
        self._wait(1)
        try:
            yield
        finally:
            self._wait(-1)

    def _wait(self, more: int) -> None:
        with self._lock:
            seconds = self.clock.seconds  # which stands still while the agent is being scored
            if self._waiting:
                self._waited += seconds - self._waiting_since
            self._waiting += more
            self._waiting_since = seconds

    def _reach(self, name: LimitName, allowed: float, amount: float) -> None:
        with self._lock:
            first = self._reached is None
            self._reached = self._reached or LimitReached(name, allowed)
            reached = self._reached
        if first:
            self._told(name, allowed, amount)
        raise LimitReached(reached.name, reached.allowed)


def added(one: ModelUsage, other: ModelUsage) -> ModelUsage:
    """Return what two usages of one model are together."""
    costs = (one.cost, other.cost)
    return replace(
        one,
        calls=one.calls + other.calls,
        retries=one.retries + other.retries,
        uncounted=one.uncounted + other.uncounted,
        tokens=one.tokens + other.tokens,
        cost=None if None in costs else sum(cost for cost in costs if cost is not None),
    )
