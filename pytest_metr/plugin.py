"""The face to pytest: registration, collection and the hooks of a session.

Loaded in every pytest run of an environment that has the package installed, so it imports nothing heavy and
does nothing until a family or ``--agent`` is met.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from pytest_metr.fixtures import (
    _metr_agent,
    _metr_attempt,
    _metr_sandbox,
    _metr_started,
    agent,
    run_record,
    sandbox,
    task,
)
from pytest_metr.options import add_options
from pytest_metr.settings import read_settings, status_dir

if TYPE_CHECKING:
    from pytest_metr.session import MetrSession

__all__ = ["_metr_agent", "_metr_attempt", "_metr_sandbox", "_metr_started", "agent", "run_record", "sandbox", "task"]

#: By folder, whether it is inside a family.
INSIDE = pytest.StashKey[dict[Path, bool]]()
#: How the node id of a run ends.
RUN_NODE = re.compile(r"\[run\d+\]$")


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the hooks of :mod:`pytest_metr.hookspec`."""
    from pytest_metr import hookspec

    pluginmanager.add_hookspecs(hookspec)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Keep pytest from importing the ``conftest.py`` of a family.

    Pytest imports those of the folders that are named on the command line, and of folders ``test*`` in them,
    before any plugin is asked. All of its imports go by way of one method of its plugin manager.
    """
    manager: Any = early_config.pluginmanager
    original = manager._importconftest

    def import_outside_of_families(conftestpath: Path, *args: Any, **kwargs: Any) -> ModuleType:
        if any(_may_be_family(folder) and _is_family(folder) for folder in conftestpath.parents):
            return ModuleType("conftest of a task family, which is not imported")
        module: ModuleType = original(conftestpath, *args, **kwargs)
        return module

    manager._importconftest = import_outside_of_families


def _may_be_family(folder: Path) -> bool:
    # Two looks at the file system for each folder, before anything of the collection is imported.
    return (folder / f"{folder.name}.py").is_file() or (folder / "manifest.yaml").is_file()


def _is_family(folder: Path) -> bool:
    from pytest_metr.collect import looks_like_family

    return looks_like_family(folder)


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark for people; with ``--agent``, check everything that can be checked before a run is made.

    The marks that items get are registered when a family is met: in other repositories a typo of ``gpu`` or
    ``test`` must stay one under ``--strict-markers``.
    """
    config.addinivalue_line(
        "markers", "metr_task(folder, name): this test is an attempt at a task of the family in that folder"
    )
    settings = read_settings(config)
    if settings.makes_runs:
        _session(config).configure()
    elif settings.gate is not None and not config.option.collectonly:
        raise pytest.UsageError("--metr-gate: expected an agent to judge: --agent NAME")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """With ``--metr-status``, show how far a session is, and nothing else: nothing is collected or run."""
    folder = status_dir(config)
    if folder is None:
        return None
    from pytest_metr.errors import UsageMistake
    from pytest_metr.status import session_view, status_lines

    try:
        lines = status_lines(session_view(folder))
    except UsageMistake as mistake:
        raise pytest.UsageError(str(mistake)) from None
    text = "".join(f"{line}\n" for line in lines)
    sys.stdout.write(text.encode(sys.stdout.encoding, "backslashreplace").decode(sys.stdout.encoding))
    return 0


@pytest.hookimpl(tryfirst=True)
def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Ignore what is inside a family, where pytest is started below one and so does not come by its folder."""
    known = config.stash.setdefault(INSIDE, {})
    folder = collection_path.parent
    if folder not in known:
        known[folder] = any(_may_be_family(f) and _is_family(f) for f in (folder, *folder.parents))
    return True if known[folder] else None


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take over the folder of a family, so that nothing in it is imported."""
    if not (_may_be_family(path) and _is_family(path)):
        return None
    from pytest_metr.collect.nodes import FamilyFolder

    _session(parent.config)
    return FamilyFolder.from_parent(parent, path=path)


def _session(config: pytest.Config) -> MetrSession:
    from pytest_metr.errors import UsageMistake
    from pytest_metr.windows import refuse_windows

    try:
        refuse_windows()
    except UsageMistake as mistake:
        raise pytest.UsageError(str(mistake)) from None
    from pytest_metr.session import metr_session

    return metr_session(config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: object, ids: Sequence[str]) -> None:
    """Refuse, on the controller, runs without an agent: a worker could not say so in one line."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    if config.option.metr_agent or config.option.collectonly:
        return
    for nodeid in ids:
        file = config.rootpath / nodeid.split("::")[0]
        if RUN_NODE.search(nodeid) and file.stem == file.parent.name and _is_family(file.parent):
            from pytest_metr.refusals import no_agent

            raise no_agent(read_settings(config))
