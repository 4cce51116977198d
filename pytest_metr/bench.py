"""What one process needs to make attempts: provider, secrets, journal, agents. Everything is made on first use."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from pytest_metr.agent import AgentKind, control_agent
from pytest_metr.collect import Family, TaskNameCache
from pytest_metr.errors import InfrastructureError, MetrError, UsageMistake
from pytest_metr.interfaces import Provider, Sandbox
from pytest_metr.providers import Choice, Wanted, choose
from pytest_metr.report import Journal, JournalReader, PastRun, PastRuns, Redactor
from pytest_metr.report.progress import STATUS_DIR, StatusFile
from pytest_metr.retries import worth_another_try
from pytest_metr.sandbox.owner import mark
from pytest_metr.settings import Settings
from pytest_metr.standard import (
    Timeouts,
    build_family,
    install_packages,
    layout_key,
    list_tasks,
    packages_key,
    trusted,
)
from pytest_metr.types import AgentSpec, Guidance, PlannedRun, Resources, now

#: The folder of a session whose files mean nothing once it has ended.
SHARED_DIR = ".shared"


class Bench:
    """The tools of one process.

    :param session_dir: where the session's files go; None until the reporting process has made the folder.
    :param agents: the agents under test by name.
    :param kinds: the kinds of agents by name.
    :param secrets: what ``--metr-env-file`` holds.
    :param cache_dir: where task names are kept between sessions.
    :param guidance: the declared fix that runs are made with; None for unguided ones.
    :param process: the name of this process, which no other of the session has.
    :ivar interrupted: whether the session is ending because somebody stopped it.
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
        guidance: Guidance | None = None,
        process: str = "main",
    ) -> None:
        self.settings = settings
        self._session_dir = session_dir
        self.agents = agents
        self.kinds = kinds
        self.secrets = secrets
        self.guidance = guidance
        self.timeouts = Timeouts()
        # The address of a package index or of a proxy may have a password in it.
        addresses = {name: value for name, value in settings.build_env.items() if "@" in value}
        keys = {name: value for name in self.agents_need if (value := os.environ.get(name))}
        self.redactor = Redactor({**addresses, **secrets, **keys})
        self.interrupted = False
        self._cache_dir = cache_dir
        self._snapshots: dict[tuple[str, ...], str | MetrError] = {}
        self._choice: Choice | None = None
        self._process = process
        self._status: StatusFile | None = None

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
    def shared_dir(self) -> Path:
        """Where the processes of the session keep what they share while it runs; it goes with the session."""
        return self.session_dir / SHARED_DIR

    @property
    def agents_need(self) -> dict[str, AgentSpec]:
        """The environment variables with the agents' secrets, and for each an agent that needs it."""
        return {name: spec for spec in self.agents.values() for name in self.kinds[spec.kind].secrets(spec)}

    @property
    def provider(self) -> Provider:
        """The provider of this process.

        :raises UsageMistake: where none works here.
        """
        return self._chosen.provider

    @property
    def passed_over(self) -> tuple[str, ...]:
        """A line for each provider that would be better and does not work here.

        :raises UsageMistake: where none works here.
        """
        return self._chosen.passed_over

    @property
    def _chosen(self) -> Choice:
        if self._choice is None:
            folder = self._session_dir or self.settings.out
            session = folder.name if folder is not None else f"{now()}-{os.getpid()}"
            self._choice = choose(self.settings.sandbox, Wanted(docker_base=self.settings.docker_base, session=session))
        return self._choice

    @cached_property
    def journal(self) -> Journal:
        """The journal that all processes of the session append to."""
        return Journal(self.session_dir / "journal.jsonl")

    @property
    def status(self) -> StatusFile:
        """What is told of the run in hand to whoever looks on."""
        if self._status is None:
            folder = self.session_dir / STATUS_DIR
            self._status = StatusFile(folder, process=self._process, owner=mark(), redact=self.redactor.text)
        return self._status

    def past(self, run_id: str) -> PastRun:
        """Return what the journal says of a run at this moment, whichever process wrote it."""
        self._past.take(self._reader.new_lines())
        return self._past.of(run_id)

    @cached_property
    def _past(self) -> PastRuns:
        return PastRuns()

    @cached_property
    def _reader(self) -> JournalReader:
        return JournalReader(self.journal.path)

    def agent_of(self, planned: PlannedRun) -> AgentSpec:
        """Return the agent that makes a run; which control a stand-in makes, the run alone knows."""
        if planned.control is not None:
            return control_agent(planned.control.name, Path(planned.task.family_dir))
        return self.agents[planned.agent or ""]

    def image(self, family_hash: str, agent: str) -> str:
        """Return the image that an agent's run of a family would be made from now; builds nothing."""
        return self.provider.identify(self._key(family_hash, self.packages(agent)))

    def packages(self, agent: str | None) -> tuple[str, ...]:
        """Return the packages that an agent brings into its machine; none of an agent that is not there."""
        spec = self.agents.get(agent or "")
        return tuple(spec.settings.get("packages", ())) if spec is not None else ()

    def snapshot(self, family_dir: Path, family_hash: str, packages: Sequence[str] = ()) -> str:
        """Return the id of the family's installed state, building it where it is not there yet.

        :param packages: those of an agent, which are installed besides.

        A family that could not be built for a reason of its own is not tried again in this process: the next run of
        it would only wait for the same error.
        """
        state = (family_hash, *packages)
        if state not in self._snapshots:
            # Found once for each state and not for each run: it takes all of our files to make.
            key = self._key(family_hash, packages)
            try:
                built = self.provider.snapshot(key, lambda sandbox: self._build(sandbox, family_dir, packages))
                self._snapshots[state] = built
            except UsageMistake:
                raise
            except InfrastructureError as error:
                if worth_another_try(error.cause, agent_began=False):
                    raise
                self._snapshots[state] = error
            except MetrError as error:
                self._snapshots[state] = error
        result = self._snapshots[state]
        if isinstance(result, MetrError):
            raise result
        return result

    def task_names(self, family: Family) -> tuple[str, ...]:
        """Ask a family's ``get_tasks`` in a sandbox, unless the answer is kept from an earlier session."""
        # What get_tasks answers may depend on the secrets; their hash stands for them on disk.
        secrets = hashlib.sha256(json.dumps(sorted(self.secrets.items())).encode()).hexdigest()
        return TaskNameCache(self._cache_dir, secrets).get(family, lambda: self._ask_task_names(family))

    def close(self) -> None:
        """Give back what the provider holds, and tell no more of runs."""
        if self._status is not None:
            self._status.close()
        if self._choice is not None:
            self._choice.provider.close()
            self._choice = None

    def _ask_task_names(self, family: Family) -> tuple[str, ...]:
        snapshot = self.snapshot(family.dir, family.hash)
        with self.provider.create(snapshot, internet=False, resources=Resources(), label=family.name) as sandbox:
            return list_tasks(sandbox, family.name, secrets=self.secrets, timeouts=self.timeouts)

    def _key(self, family_hash: str, packages: Sequence[str]) -> str:
        return packages_key(layout_key(family_hash, self.secrets), packages)

    def _build(self, sandbox: Sandbox, family_dir: Path, packages: Sequence[str]) -> None:
        with trusted(sandbox, self.settings.build_ca_bundle) as variables:
            env = {**variables, **self.settings.build_env}
            build_family(sandbox, family_dir, secrets=self.secrets, timeouts=self.timeouts, build_env=env)
            install_packages(sandbox, packages, timeouts=self.timeouts, build_env=env)
