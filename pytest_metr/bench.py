"""What one process needs to make attempts: provider, secrets, journal, agents. Everything is made on first use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from pytest_metr.agent import AgentKind
from pytest_metr.collect import Family, TaskNameCache
from pytest_metr.errors import MetrError, UsageMistake
from pytest_metr.interfaces import Provider, Sandbox
from pytest_metr.options import Settings
from pytest_metr.providers import choose
from pytest_metr.report import Journal, Redactor
from pytest_metr.standard import Timeouts, build_family, layout_key, list_tasks
from pytest_metr.types import AgentSpec, Resources


class Bench:
    """The tools of one process.

    :param session_dir: where the session's files go; None until the reporting process has made the folder.
    :param agents: the agents under test by name.
    :param kinds: the kinds of agents by name.
    :param secrets: what ``--metr-env-file`` holds.
    :param cache_dir: where task names are kept between sessions.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        session_dir: Path | None,
        agents: Mapping[str, AgentSpec],
        kinds: Mapping[str, AgentKind],
        secrets: Mapping[str, str],
        cache_dir: Path,
    ) -> None:
        self.settings = settings
        self._session_dir = session_dir
        self.agents = agents
        self.kinds = kinds
        self.secrets = secrets
        self.timeouts = Timeouts()
        self.redactor = Redactor(secrets)
        self._cache_dir = cache_dir
        self._snapshots: dict[str, str | MetrError] = {}
        self._provider: Provider | None = None

    @property
    def session_dir(self) -> Path:
        """Where the session's files go."""
        if self._session_dir is None:
            raise UsageMistake("expected a session that has begun", key="--metr-out")
        return self._session_dir

    @session_dir.setter
    def session_dir(self, folder: Path) -> None:
        self._session_dir = folder

    @property
    def provider(self) -> Provider:
        """The provider of this process.

        :raises UsageMistake: where none works here.
        """
        if self._provider is None:
            self._provider = choose(self.settings.sandbox)
        return self._provider

    @cached_property
    def journal(self) -> Journal:
        """The journal that all processes of the session append to."""
        return Journal(self.session_dir / "journal.jsonl")

    def snapshot(self, family_dir: Path, family_hash: str) -> str:
        """Return the id of the family's installed state, building it where it is not there yet.

        A family that could not be built is not tried again in this process: the next run of it would only
        wait for the same error.
        """
        if family_hash not in self._snapshots:
            # Found once for each family and not for each run: it takes all of our files to make.
            key = layout_key(family_hash, self.secrets)
            try:
                built = self.provider.snapshot(key, lambda sandbox: self._build(sandbox, family_dir))
                self._snapshots[family_hash] = built
            except UsageMistake:
                raise
            except MetrError as error:
                self._snapshots[family_hash] = error
        result = self._snapshots[family_hash]
        if isinstance(result, MetrError):
            raise result
        return result

    def task_names(self, family: Family) -> tuple[str, ...]:
        """Ask a family's ``get_tasks`` in a sandbox, unless the answer is kept from an earlier session."""
        # What get_tasks answers may depend on the secrets; their hash stands for them on disk.
        secrets = hashlib.sha256(json.dumps(sorted(self.secrets.items())).encode()).hexdigest()
        return TaskNameCache(self._cache_dir, secrets).get(family, lambda: self._ask_task_names(family))

    def close(self) -> None:
        """Give back what the provider holds."""
        if self._provider is not None:
            self._provider.close()
            self._provider = None

    def _ask_task_names(self, family: Family) -> tuple[str, ...]:
        snapshot = self.snapshot(family.dir, family.hash)
        with self.provider.create(snapshot, internet=False, resources=Resources(), label=family.name) as sandbox:
            return list_tasks(sandbox, family.name, secrets=self.secrets, timeouts=self.timeouts)

    def _build(self, sandbox: Sandbox, family_dir: Path) -> None:
        build_family(sandbox, family_dir, secrets=self.secrets, timeouts=self.timeouts)
