"""What works on this machine: the sandbox providers, and the families that they can run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from pytest_metr.collect import Family, read_family
from pytest_metr.commands.answer import Answer
from pytest_metr.commands.families import DEFAULT_FOLDER, add_docker_base, add_folders, find_families, needs_of
from pytest_metr.errors import UsageMistake
from pytest_metr.interfaces import Provider
from pytest_metr.providers import PROVIDERS, Wanted, explain
from pytest_metr.types import TaskSpec


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    add_folders(parser)
    add_docker_base(parser)


def run(arguments: argparse.Namespace) -> Answer:
    """Try the sandboxes and look at the families.

    :raises UsageMistake: where a folder does not exist.
    """
    lines, well = examine(arguments.folders or [DEFAULT_FOLDER], Wanted(docker_base=arguments.docker_base))
    return Answer(lines=lines, status=0 if well else 1)


def examine(folders: Sequence[Path], wanted: Wanted) -> tuple[list[str], bool]:
    """Return what to print, and whether a sandbox can be made and every family found can run in one.

    :raises UsageMistake: where a folder does not exist.
    """
    with ExitStack() as opened:
        lines, working = _try_providers(opened, wanted)
        well = bool(working)
        for folder in folders:
            found, good = _look_into(folder, working)
            lines += ["", f"Families in {folder}", *found]
            well = well and good
    return lines, well


def _try_providers(opened: ExitStack, wanted: Wanted) -> tuple[list[str], list[Provider]]:
    """Return a line for each provider, and those that work; all are closed with *opened*."""
    lines, working = ["Sandboxes"], []
    for make in PROVIDERS.values():
        provider = make(wanted)
        opened.callback(provider.close)
        result = provider.probe()
        lines.append(f"  {'works' if result.works else 'fails'}  {explain(result)}")
        if result.works:
            working.append(provider)
    return lines, working


def _look_into(folder: Path, working: Sequence[Provider]) -> tuple[list[str], bool]:
    """Return a line for each family in and below a folder, and whether all can run."""
    if not folder.exists() and folder == DEFAULT_FOLDER:
        return ["  none: there is no such folder"], True
    examined = [_examine_family(family, working) for family in find_families(folder)]
    return [line for line, _ in examined] or ["  none"], all(good for _, good in examined)


def _examine_family(folder: Path, working: Sequence[Provider]) -> tuple[str, bool]:
    try:
        family = read_family(folder)
    except UsageMistake as mistake:
        return f"  broken {folder.name}: {mistake}", False
    refusals = []
    for provider in working:
        refusal = _refusal(family, provider)
        if refusal is None:
            return f"  runs   {family.name}: {_needs(family)}; under {provider.name}", True
        refusals.append(f"{provider.name}: {refusal}")
    why = "; ".join(refusals) or "no sandbox works here"
    return f"  cannot {family.name}: {_needs(family)}; {why}", False


def _refusal(family: Family, provider: Provider) -> str | None:
    for task in _tasks(family):
        refusal = provider.refusal(task.resources, task.needs)
        if refusal is not None:
            return f"{task.name}: {refusal}"
    return None


def _tasks(family: Family) -> list[TaskSpec]:
    # A family without named tasks can still say for all of them what they need.
    return [family.task(name) for name in family.manifest_tasks or ("?",)]


def _needs(family: Family) -> str:
    tasks = _tasks(family)
    named = family.manifest_tasks
    count = "tasks known to get_tasks alone" if named is None else f"{len(named)} task{'s' * (len(named) != 1)}"
    needs = sorted({need for task in tasks for need in needs_of(task)})
    return f"{count}, needs {', '.join(needs) if needs else 'nothing special'}"
