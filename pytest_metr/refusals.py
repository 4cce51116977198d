"""What a session refuses, each in a line that says what to do instead."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pytest

from pytest_metr.settings import Settings
from pytest_metr.types import AgentSpec, PlannedRun, TaskSpec

if TYPE_CHECKING:
    from pytest_metr.agent import AgentKind


def refuse_reruns(config: pytest.Config) -> None:
    """Refuse ``--reruns`` and ``--dist each``.

    :raises pytest.UsageError: because a run repeated until it passes measures nothing, and neither does the
        same run made by every worker.
    """
    if getattr(config.option, "reruns", None):
        raise pytest.UsageError("--reruns: a run repeated until it passes is no measurement; use --metr-runs N")
    if getattr(config.option, "dist", "no") == "each":
        raise pytest.UsageError("--dist=each: every worker would make the same run; use --metr-runs N")


def refuse_other_orders(config: pytest.Config) -> None:
    """Refuse the modes of pytest-xdist that hand items out in an order of their own.

    :raises pytest.UsageError: because a protocol in stages needs its own.
    """
    dist = getattr(config.option, "dist", "no")
    if dist not in ("no", "load"):
        raise pytest.UsageError(f"--dist={dist}: the protocol runs its stages one after the other; use --dist=load")


def refuse_without_terminal(config: pytest.Config, agents: Iterable[AgentSpec], kinds: Mapping[str, AgentKind]) -> None:
    """Refuse a person as the agent where nobody can sit at pytest's terminal.

    :raises pytest.UsageError: with what to do about it.
    """
    for spec in agents:
        if not kinds[spec.kind].needs_terminal:
            continue
        problem = None
        if config.getoption("capture", "fd") != "no":
            problem = "add -s"
        elif getattr(config.option, "dist", "no") != "no":
            problem = "leave out -n"
        elif not (os.isatty(0) and os.isatty(1)):
            problem = "standard input and output are none"
        if problem is not None:
            raise pytest.UsageError(f"--agent={spec.name}: a person works at the terminal of pytest: {problem}")


def refuse_two_of_a_name(tasks: Sequence[TaskSpec]) -> None:
    """Refuse two families of one name: their task ids could not be told apart.

    :raises pytest.UsageError: with both folders.
    """
    folders: dict[str, str] = {}
    for task in tasks:
        folder = folders.setdefault(task.family, task.family_dir)
        if folder != task.family_dir:
            raise pytest.UsageError(
                f"two families are named {task.family!r}: {folder} and {task.family_dir}; "
                "expected one folder for each name, rename one or select one"
            )


def refuse_the_same_twice(runs: Sequence[PlannedRun]) -> None:
    """Refuse one run that is collected twice: two records of it could not be told apart.

    :raises pytest.UsageError: with both node ids.
    """
    nodes: dict[str, str] = {}
    for run in runs:
        if run.run_id in nodes:
            raise pytest.UsageError(
                f"one run is collected twice, as {nodes[run.run_id]} and {run.nodeid}; expected each once"
            )
        nodes[run.run_id] = run.nodeid


def no_agent(settings: Settings) -> pytest.UsageError:
    """Return the error for runs without an agent under test."""
    from pytest_metr.agent import KINDS

    files = (path for folder in settings.agent_dirs for path in folder.glob("*.y*ml"))
    built_in = {kind.name for kind in KINDS.values() if not kind.needs_file}
    names = sorted({path.stem for path in files} | built_in)
    return pytest.UsageError(f"--agent: task families need an agent under test; there are: {', '.join(names)}")
