"""Saying that an agent is elicited: from then on its runs of the test split are told from those of a changed one."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from pytest_metr.agent import FROZEN_FILE, freeze_line, frozen_file, load_agent, read_freezes
from pytest_metr.commands.answer import Answer
from pytest_metr.commands.person import person
from pytest_metr.errors import UsageMistake
from pytest_metr.report.append import append_line, open_for_append
from pytest_metr.report.layout import format_table
from pytest_metr.texts import printable
from pytest_metr.types import AgentSpec, Freeze, now

_FEW = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "agent", nargs="?", metavar="AGENT", help="name or file of the agent (default: show those that were frozen)"
    )
    parser.add_argument(
        "--agents", type=Path, default=Path("agents"), metavar="DIR", help="folder of the agent files (default: agents)"
    )
    parser.add_argument("--model", metavar="PROVIDER/NAME", help="as --metr-model of the sessions to come")
    parser.add_argument("--base-url", metavar="URL", help="as --metr-base-url of the sessions to come")
    parser.add_argument("--note", default="", metavar="TEXT", help="what was done to elicit it, for the record")
    parser.add_argument("--by", metavar="NAME", help="who says so (default: the user's name here)")


def run(arguments: argparse.Namespace) -> Answer:
    """Freeze an agent, or show those that were frozen.

    :raises UsageMistake: where there is no such agent, or it is of a kind that nobody elicits.
    :raises OSError: where the file of frozen agents cannot be written.
    """
    if arguments.agent is None:
        _expect_agent(arguments)
        return Answer(lines=_list(arguments.agents))
    spec = _load(arguments)
    if spec.frozen is None:
        raise UsageMistake(f"expected an agent that can be elicited, found one of the kind {spec.kind}", key="AGENT")
    if spec.frozen:
        assert spec.freeze is not None
        return Answer(lines=[f"{spec.name} is frozen already as {_short(spec.identity)}, {_when(spec.freeze)}"])
    file = frozen_file(spec, search=[arguments.agents])
    freeze = Freeze(
        agent=spec.name,
        identity=spec.identity,
        at=now(),
        by=person(arguments.by, "--by"),
        note=arguments.note,
        overrides=spec.overrides,
    )
    _append(file, freeze)
    lines = [f"{spec.name} is frozen as {_short(spec.identity)} in {file}: keep that file with the agent's"]
    if spec.freeze is not None:
        before = f"it was frozen as {_short(spec.freeze.identity)}, {_when(spec.freeze)}"
        lines.append(f"{before}: runs of the test split from before are runs of another agent")
    return Answer(lines=lines)


def _expect_agent(arguments: argparse.Namespace) -> None:
    """Refuse options that would do nothing: they are about the agent that is frozen."""
    for option in ("model", "base_url", "note", "by"):
        if getattr(arguments, option):
            raise UsageMistake("expected AGENT with it", key="--" + option.replace("_", "-"))


def _load(arguments: argparse.Namespace) -> AgentSpec:
    given = {"model": arguments.model, "base_url": arguments.base_url}
    overrides = {key: value for key, value in given.items() if value is not None}
    try:
        spec = load_agent(arguments.agent, search=[arguments.agents], overrides=overrides, prefix="--")
    except UsageMistake as mistake:
        if mistake.key == "--agent":  # which is the option of sessions
            raise UsageMistake(mistake.message, key="AGENT") from None
        raise
    if overrides and not spec.overrides:
        option = "--" + next(iter(overrides)).replace("_", "-")
        raise UsageMistake("expected an agent that talks to a model by way of the plugin", key=option)
    return spec


def _append(file: Path, freeze: Freeze) -> None:
    fd = open_for_append(file, cause="freeze")
    try:
        append_line(fd, freeze_line(freeze), sync=True)
    finally:
        os.close(fd)


def _list(folder: Path) -> list[str]:
    freezes = read_freezes(folder / FROZEN_FILE)
    if not freezes:
        return [f"no agent of {folder} is frozen"]
    rows = [
        [*map(printable, (f.agent, _short(f.identity), f.at, f.by, _state(folder, f), _model(f), f.note))]
        for f in freezes.values()
    ]
    return format_table(["agent", "identity", "frozen", "by", "now", "model", "note"], rows, words=range(7))


def _model(freeze: Freeze) -> str:
    return " at ".join(freeze.overrides[key] for key in ("model", "base_url") if key in freeze.overrides) or "its own"


def _state(folder: Path, freeze: Freeze) -> str:
    """Return whether a frozen agent is as it was, with the model and the address that it was frozen with."""
    try:
        spec = load_agent(freeze.agent, search=[folder], overrides=freeze.overrides)
    except UsageMistake:
        return "cannot be read"
    return "as it was" if spec.frozen else "changed"


def _when(freeze: Freeze) -> str:
    return printable(f"at {freeze.at} by {freeze.by}")


def _short(identity: str) -> str:
    return identity[:_FEW]
