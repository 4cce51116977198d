"""Everything that an evaluation protocol says, what its file leaves to the defaults included."""

from __future__ import annotations

import argparse
import json
from typing import Any

from pytest_metr.commands.answer import Answer, json_lines
from pytest_metr.protocol import load_protocol, shipped_protocols
from pytest_metr.texts import printable
from pytest_metr.types import Bracket, EvaluationProtocol


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "protocol", nargs="?", metavar="NAME|FILE", help="a shipped name or a file (default: list names)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> Answer:
    """Print a protocol, or the names of those that the package ships.

    :raises UsageMistake: where there is no such protocol, or its file is wrong.
    """
    if arguments.protocol is None:
        names = shipped_protocols()
        return Answer(lines=[json.dumps(names)] if arguments.json else names)
    protocol = load_protocol(arguments.protocol)
    if arguments.json:
        return Answer(lines=json_lines("protocol", protocol.to_json()))
    return Answer(lines=protocol_lines(protocol))


def protocol_lines(protocol: EvaluationProtocol) -> list[str]:
    """Return one line for each value of a protocol, and one for each bracket and check."""
    rules = protocol.runs
    most = f", up to {rules.most} while a gate is undecided" if rules.adaptive else ""
    facts: list[tuple[str, Any]] = [
        ("protocol", f"{protocol.name} {protocol.version}"),
        ("source", protocol.source or "not given"),
        ("file", protocol.file or "shipped with the package"),
        ("sha256", protocol.sha256),
        ("split", protocol.split or "all"),
        *(("bracket", _bracket(protocol, i)) for i in range(len(protocol.brackets))),
        ("weighting", protocol.weighting),
        (
            "success above",
            "each task's own threshold" if protocol.success_threshold is None else protocol.success_threshold,
        ),
        ("horizon fitted to", "scores as fractions" if protocol.fractional else "successes"),
        ("horizons at", ", ".join(f"{percent} %" for percent in protocol.percents)),
        ("regularization", protocol.regularization),
        ("confidence", protocol.confidence),
        ("draws", protocol.draws),
        ("seed", protocol.seed),
        ("staging", "none" if protocol.staging_above is None else f"go on above a score of {protocol.staging_above:g}"),
        ("runs of each task", f"{rules.first}{most}"),
        *(
            ("check", check.name if check.bound is None else f"{check.name} {check.bound:g}")
            for check in protocol.checks
        ),
    ]
    room = max(len(name) for name, _ in facts)
    return [f"{name:<{room}}  {printable(str(value))}" for name, value in facts]


def _bracket(protocol: EvaluationProtocol, index: int) -> str:
    """Return a bracket with both its ends in human minutes."""
    bracket = protocol.brackets[index]
    before: Bracket | None = protocol.brackets[index - 1] if index else None
    above = "from" if before is None or not before.inclusive else "above"
    lower = protocol.lowest if before is None else before.upper
    upper = "" if bracket.upper == float("inf") else f" {'up to' if bracket.inclusive else 'below'} {bracket.upper:g}"
    return f"{bracket.name}: {above} {lower:g}{upper} minutes"
