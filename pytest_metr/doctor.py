"""What works on this machine: the sandbox providers, and the families that they can run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_metr.collect import Family, looks_like_family, read_family
from pytest_metr.errors import UsageMistake
from pytest_metr.interfaces import Provider
from pytest_metr.providers import PROVIDERS, explain
from pytest_metr.types import Resources, TaskSpec

#: Where families are looked for unless folders are named.
DEFAULT_FOLDER = Path("tasks")


def examine(folders: Sequence[Path]) -> tuple[list[str], bool]:
    """Return what to print, and whether a sandbox can be made and every family found can run in one.

    :raises UsageMistake: where a folder does not exist.
    """
    lines = ["Sandboxes"]
    working: list[Provider] = []
    for make in PROVIDERS.values():
        provider = make()
        result = provider.probe()
        lines.append(f"  {'works' if result.works else 'fails'}  {explain(result)}")
        if result.works:
            working.append(provider)
    well = bool(working)
    for folder in folders:
        lines += ["", f"Families in {folder}"]
        found = False
        if not folder.exists() and folder == DEFAULT_FOLDER:
            lines.append("  none: there is no such folder")
            continue
        for family in _families(folder):
            found = True
            line, good = _examine_family(family, working)
            lines.append(line)
            well = well and good
        if not found:
            lines.append("  none")
    for provider in working:
        provider.close()
    return lines, well


def _families(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise UsageMistake("expected a folder with task families", file=folder)
    if looks_like_family(folder.resolve()):
        yield folder
        return
    for child in sorted(folder.iterdir()):
        if child.is_dir() and not _leads_back(child):
            yield from [child] if looks_like_family(child) else _families(child)


def _leads_back(folder: Path) -> bool:
    return folder.is_symlink() and folder.resolve() in folder.absolute().parents


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
    needs = sorted({need for task in tasks for need in (*task.needs, *_resources(task.resources))})
    return f"{count}, needs {', '.join(needs) if needs else 'nothing special'}"


def _resources(resources: Resources) -> Iterator[str]:
    if resources.cpus is not None:
        yield f"{resources.cpus:g} cpus"
    if resources.memory_gb is not None:
        yield f"{resources.memory_gb:g} GB of memory"
    if resources.storage_gb is not None:
        yield f"{resources.storage_gb:g} GB of storage"
    if resources.gpu is not None:
        yield "a GPU"
