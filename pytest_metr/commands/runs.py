"""What the commands about runs have in common: their sources, and the protocol that these are judged by."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_metr.commands.answer import wrapped
from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import content_hash, load_protocol
from pytest_metr.report.reading import RunSet, Source
from pytest_metr.scoring import measured_agents
from pytest_metr.texts import none_of, printable
from pytest_metr.types import RECORDED_WEIGHTS, EvaluationProtocol

#: What runs are judged by that name no protocol themselves.
DEFAULT_PROTOCOL = "plain"
_DRAWS = (2, 1_000_000)
_MOST_SEED = 2**63 - 1


def add_protocol(parser: argparse.ArgumentParser) -> None:
    """Let a command take an evaluation protocol, and other draws than its."""
    parser.add_argument(
        "--protocol",
        metavar="NAME|FILE",
        help="the evaluation protocol (default: the one that the sessions were run by, else plain)",
    )
    parser.add_argument("--seed", metavar="N", help="seed of the bootstrap (default: the protocol's)")
    parser.add_argument("--draws", metavar="N", help="draws of the bootstrap (default: the protocol's)")


def add_picture(parser: argparse.ArgumentParser) -> None:
    """Let a command draw what it says."""
    parser.add_argument(
        "--picture",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="draw it: .svg or .png; may be repeated",
    )


def add_any_version(parser: argparse.ArgumentParser) -> None:
    """Let a command compare tasks that are not the same on all sides."""
    parser.add_argument(
        "--any-version", action="store_true", help="compare tasks as well whose version or files have changed"
    )


def add_guided(parser: argparse.ArgumentParser, help_: str) -> None:
    """Let a command tell of guided runs."""
    parser.add_argument(
        "--guided", action="append", default=[], type=Path, metavar="DIR", help=f"{help_}; may be repeated"
    )


def choose_protocol(
    arguments: argparse.Namespace, sources: Sequence[Source], *, named: EvaluationProtocol | None = None
) -> EvaluationProtocol:
    """Return the protocol that a person asked for, else the one that the sessions were run by, else the plain one.

    Sessions whose weights a hook made are judged by these recorded weights, unless a protocol was asked for.

    :param named: what a file asks for, where the command line does not.
    :raises UsageMistake: where there is no such protocol, or the sessions were run by different ones.
    """
    if arguments.protocol is not None:
        protocol = load_protocol(arguments.protocol)
    elif named is not None:
        protocol = named
    else:
        protocol = _of_sessions([source for source in sources if source.kind != "runs"])
    changed = {
        key: value
        for key, value in (
            ("seed", _whole("--seed", arguments.seed, 0, _MOST_SEED)),
            ("draws", _whole("--draws", arguments.draws, *_DRAWS)),
        )
        if value is not None
    }
    return _changed(protocol, **changed) if changed else protocol


def _of_sessions(sessions: Sequence[Source]) -> EvaluationProtocol:
    found: dict[EvaluationProtocol, tuple[EvaluationProtocol, str]] = {}
    for session in sessions:
        protocol = session.protocol or load_protocol(DEFAULT_PROTOCOL)
        if session.weighting == RECORDED_WEIGHTS:
            protocol = _changed(protocol, weighting=RECORDED_WEIGHTS)
        # Where a protocol was read from does not make it another.
        found.setdefault(_changed(protocol, file=None), (protocol, session.path))
    if len(found) > 1:
        named = "; ".join(f"{path}: {p.name} {p.version}, weights {p.weighting}" for p, path in found.values())
        raise UsageMistake(f"expected one, since the sessions were run by different ones ({named})", key="--protocol")
    for protocol, _ in found.values():
        return protocol
    return load_protocol(DEFAULT_PROTOCOL)


def _changed(protocol: EvaluationProtocol, **changes: object) -> EvaluationProtocol:
    changed = replace(protocol, **changes)  # type: ignore[arg-type]
    return replace(changed, sha256=content_hash(changed))


def _whole(option: str, given: str | None, least: int, most: int) -> int | None:
    if given is None:
        return None
    number = int(given) if given.isascii() and given.isdigit() and len(given) <= 20 else -1
    if not least <= number <= most:
        raise UsageMistake(f"expected a whole number from {least} to {most}, found {given!r}", key=option)
    return number


def require_agents(names: Sequence[str], there: Sequence[str], option: str) -> None:
    """Refuse the name of an agent that is not there.

    :raises UsageMistake: with the names that there are.
    """
    for name in names:
        if name not in there:
            raise UsageMistake(none_of(there, name), key=option)


def only_agent(runs: RunSet) -> str:
    """Return the agent of a source; the controls of a suite do not make its name doubtful.

    :raises UsageMistake: where it has several.
    """
    names = measured_agents(runs.rows)
    if len(names) > 1:
        raise UsageMistake(f"expected two names, since {runs.paths[0]} has {', '.join(names)}", key="--agents")
    return names[0]


def note_lines(notes: Iterable[str]) -> list[str]:
    """Return notes about sources as lines."""
    return [line for note in notes for line in wrapped(f"note: {printable(note)}")]
