"""What a session's numbers are computed by: its protocol, and how its runs are divided into stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_metr.protocol import load_protocol
from pytest_metr.protocol.staging import StageRules
from pytest_metr.settings import Settings
from pytest_metr.types import EvaluationProtocol

DEFAULT_PROTOCOL = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The protocol of a session, and what follows from it.

    :param runs: how often every task is run by every agent, at most.
    """

    protocol: EvaluationProtocol
    rules: StageRules
    runs: int

    @property
    def in_stages(self) -> bool:
        """Whether some runs wait for what comes of others."""
        return self.rules.staged or self.rules.adaptive


def read_terms(settings: Settings) -> Terms:
    """Return the terms that a person asked for.

    Rounds need something to be decided by them: without a gate the protocol's first runs are all.

    :raises UsageMistake: where the protocol does not exist or its file is wrong.
    """
    protocol = load_protocol(settings.protocol or DEFAULT_PROTOCOL, base=settings.invocation_dir)
    adaptive = protocol.runs.adaptive and settings.gate is not None
    runs = settings.runs
    if runs is None:
        runs = protocol.runs.most if adaptive else protocol.runs.first
    return Terms(protocol=protocol, rules=StageRules(protocol=protocol, adaptive=adaptive), runs=runs)


def recorded_terms(facts: Mapping[str, Any]) -> Terms:
    """Return the terms of a session from the first line of its journal; the plain ones where it has lost them."""
    if "protocol" in facts:
        protocol = EvaluationProtocol.from_json(facts["protocol"])
    else:
        protocol = load_protocol(DEFAULT_PROTOCOL)
    rules = StageRules(protocol=protocol, adaptive=bool(facts.get("adaptive")))
    return Terms(protocol=protocol, rules=rules, runs=int(facts.get("runs_per_task", 0)))
