"""A gate meets the protocol that its numbers come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_metr.errors import UsageMistake
from pytest_metr.fields import suggestion
from pytest_metr.gate.model import Gate
from pytest_metr.types import EvaluationProtocol


def check_gate(gate: Gate, protocol: EvaluationProtocol) -> None:
    """Refuse a gate that asks for what *protocol* does not have. Cheap: to be called before anything runs.

    :raises UsageMistake: for a metric or a check that results of the protocol do not have.
    """
    for index, rule in enumerate(gate.rules):
        _require(rule.metric, "metric", protocol.metrics, protocol, gate, f"rules[{index}].metric")
    for index, check in enumerate(gate.checks):
        names = [known.name for known in protocol.checks]
        _require(check, "check", names, protocol, gate, f"checks[{index}]")


def at_confidence(gate: Gate, protocol: EvaluationProtocol) -> EvaluationProtocol:
    """Return the protocol with the confidence that the gate's intervals have."""
    return protocol if gate.confidence is None else replace(protocol, confidence=gate.confidence)


def _require(wanted: str, kind: str, there: Sequence[str], protocol: EvaluationProtocol, gate: Gate, key: str) -> None:
    if wanted in there:
        return
    what = f"one of {', '.join(there)}" if there else "none, since there are none"
    message = f"expected a {kind} of the protocol {protocol.name} ({what}), found {wanted!r}"
    raise UsageMistake(message + suggestion(wanted, there), file=gate.file, key=key)
