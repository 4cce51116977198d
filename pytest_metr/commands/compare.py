"""How two agents differ, on the tasks that both have runs of."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_metr.commands.answer import Answer, json_lines, terminal_width, wrapped
from pytest_metr.commands.runs import (
    add_any_version,
    add_picture,
    add_protocol,
    choose_protocol,
    note_lines,
    only_agent,
    require_agents,
)
from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import compare_agents, judge_condition, parse_condition
from pytest_metr.report.comparison import comparison_lines
from pytest_metr.report.reading import RunSet, read_runs
from pytest_metr.scoring import score_agent
from pytest_metr.texts import printable
from pytest_metr.types import Comparison, ConditionResult, EvaluationProtocol, RunRow, ScoreResult

_ONE_SOURCE, _TWO_SOURCES = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareDocument(Comparison):
    """What has changed from one agent to another.

    :param conditions: what became of each ``--fail-if``.
    :param notes: what a reader must know about the sources.
    """

    conditions: tuple[ConditionResult, ...] = ()
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="folder of a session, report.json or runs.jsonl: before and after, or one with both agents",
    )
    parser.add_argument("--agents", nargs=2, metavar=("BEFORE", "AFTER"), help="the names of the agents")
    add_protocol(parser)
    parser.add_argument(
        "--fail-if",
        action="append",
        default=[],
        metavar="CONDITION",
        help="exit with status 1 where it holds, such as 'time_horizon_p50 < -20%% possibly'; may be repeated",
    )
    add_any_version(parser)
    add_picture(parser)
    parser.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="show more of each number, and name all tasks that are not compared",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> Answer:
    """Compare the agents; the status is 1 where a condition of ``--fail-if`` holds.

    :raises UsageMistake: where runs, protocol or agents are not to be had, or a condition is none.
    """
    sides = _sides(arguments.paths)
    names = _names(arguments.agents, sides)
    read = sides[:1] if sides[0] is sides[1] else sides
    protocol = choose_protocol(arguments, [source for side in read for source in side.sources])
    conditions = [parse_condition(text, protocol) for text in arguments.fail_if]
    before, after = (side.of_agents([name]) for side, name in zip(sides, names, strict=True))
    comparison = compare_agents(before, after, protocol, same_versions_only=not arguments.any_version)
    judged = [judge_condition(condition, comparison) for condition in conditions]
    if arguments.picture:
        _draw(before, after, protocol, arguments.picture)
    status = 1 if any(result.holds for result in judged) else 0
    if arguments.json:
        more = {
            "conditions": [result.to_json() for result in judged],
            "sources": [path for side in read for path in side.paths],
            "notes": [note for side in read for note in side.notes],
        }
        return Answer(lines=json_lines("compare", {**comparison.to_json(), **more}), status=status)
    lines = comparison_lines(comparison, width=terminal_width(), verbose=arguments.verbose)
    for result in judged:
        lines += wrapped(f"fail if {printable(result.sentence)}")
    return Answer(lines=[*lines, *note_lines(note for side in read for note in side.notes)], status=status)


def _sides(paths: Sequence[Path]) -> tuple[RunSet, RunSet]:
    """Return the runs before and after; both the same where there is one source.

    A source each is read by itself: the same run may be on both sides.
    """
    if len(paths) == _ONE_SOURCE:
        runs = read_runs(paths)
        return runs, runs
    if len(paths) == _TWO_SOURCES:
        return read_runs(paths[:1]), read_runs(paths[1:])
    raise UsageMistake(f"expected one source with both agents, or one before and one after, found {len(paths)}")


def _names(given: Sequence[str] | None, sides: tuple[RunSet, RunSet]) -> tuple[str, str]:
    before, after = sides
    if given is not None:
        require_agents(given[:1], before.agents, "--agents")
        require_agents(given[1:], after.agents, "--agents")
        return given[0], given[1]
    if before is after:
        raise UsageMistake(f"expected two of {', '.join(before.agents)}, since there is one source", key="--agents")
    return only_agent(before), only_agent(after)


def _draw(
    before: Sequence[RunRow], after: Sequence[RunRow], protocol: EvaluationProtocol, files: Sequence[Path]
) -> None:
    """Draw both agents on all their tasks, side by side.

    :raises UsageMistake: where matplotlib is missing, or a file cannot be written.
    """
    from pytest_metr.report.pictures import draw_horizon

    results = [score_agent(rows, protocol).result for rows in (before, after)]
    if results[0].agent == results[1].agent:
        words = ("before", "after")
        results = [replace(r, agent=f"{r.agent} ({word})") for r, word in zip(results, words, strict=True)]
    for file in files:
        draw_horizon(ScoreResult(protocol=protocol, agents=tuple(results)), file)
