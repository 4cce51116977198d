"""Where a hostile case is played: sandboxes of hostile families, the hands of the agent, and what must be left."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.collect.hashing import content_hash
from pytest_metr.errors import TaskError
from pytest_metr.interfaces import Provider, Sandbox
from pytest_metr.standard import Lifecycle, TaskData, Timeouts, build_family, layout_key, read_task_data
from pytest_metr.types import ExecResult, Resources, TaskSpec, User

FAMILIES = Path(__file__).parents[1] / "fixtures" / "families"
VAULT = "hostile_vault"
LOG = "hostile_log"
#: What the families keep from the agent, and what a run is given to keep.
ANSWER = "sesame-4711"
#: What a wrong submission scores in most tasks of the vault: neither what an agent wants nor what failing gives.
WRONG = 0.25
SECRETS = {"VAULT_KEY": "vault-key-0815"}
#: Seconds in which a sandbox must close, whatever an agent has left there.
CLOSING = 60
#: Seconds for a command of the suite's own that takes no time unless something holds it up.
PATIENCE = 60


class Grounds:
    """A provider with the hostile families built; one for a session."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._data: dict[str, TaskData] = {}
        #: By task: the runs in the shared sandbox.
        self.runs: dict[str, Lifecycle] = {}
        self._shared: Sandbox | None = None

    def create(self, family: str, resources: Resources) -> Sandbox:
        """Make a sandbox of *family*, which is built where it has not been."""
        key = layout_key(content_hash(FAMILIES / family))
        snapshot = self.provider.snapshot(key, lambda made: build_family(made, FAMILIES / family, secrets={}))
        return self.provider.create(snapshot, internet=False, resources=resources, label=family)

    def shared(self) -> Sandbox:
        """Return the sandbox of the vault for cases that leave nothing behind; :meth:`close` closes it."""
        if self._shared is None:
            self._shared = self.create(VAULT, Resources())
        return self._shared

    def close(self) -> None:
        """Close the shared sandbox."""
        if self._shared is not None:
            self._shared.close()

    def data(self, sandbox: Sandbox, task: TaskSpec, secrets: Mapping[str, str]) -> TaskData:
        """Return what a family says about a task, asked once."""
        if task.id not in self._data:
            self._data[task.id] = read_task_data(sandbox, task, secrets=secrets)
        return self._data[task.id]


class Arena:
    """One case's sandboxes, made at first need and closed by :meth:`close`.

    :param limited: whether the provider is known not to withstand the case.
    :param shared: whether the first sandbox is the one that other cases have too.
    """

    def __init__(self, grounds: Grounds, *, limited: bool, shared: bool = False) -> None:
        self._grounds = grounds
        self.limited = limited
        self._stack = ExitStack()
        self._shared = shared
        self._own: list[Sandbox] = []
        self._sandboxes: list[Sandbox] = [grounds.shared()] if shared else []
        self._runs: list[Lifecycle] = []
        self._when_closed: list[Callable[[], None]] = []
        self._family = VAULT
        self._ended = False

    @property
    def provider(self) -> Provider:
        """The provider under test."""
        return self._grounds.provider

    @property
    def sandbox(self) -> Sandbox:
        """The first sandbox; one of the vault unless a run of another family was started before."""
        return self._sandboxes[0] if self._sandboxes else self.another()

    def another(self, resources: Resources | None = None) -> Sandbox:
        """Make one more sandbox, of the same family."""
        made = self._grounds.create(self._family, resources or Resources())
        self._own.append(self._stack.enter_context(made))
        self._sandboxes.append(made)
        return made

    def python(self, code: str, *arguments: str, user: User = "agent", timeout: float = PATIENCE) -> ExecResult:
        """Run Python code."""
        return self.sandbox.exec(["python", "-c", code, *arguments], user=user, timeout=timeout)

    def shell(self, script: str, *, user: User = "agent", timeout: float = PATIENCE) -> ExecResult:
        """Run a script of bash."""
        return self.sandbox.exec(["bash", "-c", script], user=user, timeout=timeout)

    def leave(self, code: str, *, ready: str) -> None:
        """Start Python code in the background as the agent, and wait until it has made the file *ready*."""
        assert self.shell(f"cat > /tmp/left.py <<'END'\n{code}\nEND\nsetsid python /tmp/left.py &").ok
        # Waited for as root, as what was started may kill whatever is the agent's.
        assert self.shell(f"until test -e {ready}; do sleep 0.05; done", user="root").ok

    def when_closed(self, check: Callable[[], None]) -> None:
        """Have something asserted once all sandboxes are closed."""
        self._when_closed.append(check)

    def run(self, task: str = "answer", *, family: str = VAULT, **limits: float) -> Lifecycle:
        """Start a run of *task* in the first sandbox; *limits* are those of :class:`Timeouts`.

        In the shared sandbox each task is started once.
        """
        if self._shared and task in self._grounds.runs:
            return self._grounds.runs[task]
        self._family = family
        secrets: Mapping[str, str] = SECRETS if family == VAULT else {}
        spec = TaskSpec(family=family, name=task, family_dir=str(FAMILIES / family), family_hash=family)
        data = self._grounds.data(self.sandbox, spec, secrets)
        run = Lifecycle(self.sandbox, spec, data, secrets=secrets, timeouts=Timeouts(**limits))
        run.start()
        if self._shared:
            self._grounds.runs[task] = run
        else:
            self._runs.append(run)
        return run

    def has_ended(self) -> None:
        """Expect nothing more of the sandboxes but that they close."""
        self._ended = True

    def aftermath(self) -> None:
        """Assert what holds after every case: sandboxes still answer, and the task can still be torn down."""
        if self._ended:
            return
        for sandbox in self._sandboxes:
            for user in ("root", "agent"):
                assert sandbox.exec(["echo", "here"], user=user, timeout=PATIENCE).out == "here\n"
        for run in self._runs:
            run.teardown()
            if "teardown" in run.outputs:
                assert self.sandbox.read_file("/root/torn")

    def close(self) -> None:
        """Close the case's own sandboxes, in bounded time, and assert that no process of theirs is left."""
        before = [] if self._ended else [process for sandbox in self._own for process in processes_of(sandbox)]
        begun = time.monotonic()
        self._stack.close()
        assert time.monotonic() - begun < CLOSING
        assert [process for process in before if process.lives()] == []
        for check in self._when_closed:
            check()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostProcess:
    """A process as the host sees it; *started* tells it from another that gets its pid later."""

    pid: int
    started: str

    def lives(self) -> bool:
        """Whether it is still there and has not ended."""
        found = _stat(self.pid)
        return found is not None and found[19] == self.started and found[0] != "Z"


def processes_of(sandbox: Sandbox) -> list[HostProcess]:
    """Return the processes of a sandbox, by the namespace of host names that they all share."""
    told = sandbox.exec(["readlink", "/proc/self/ns/uts"], user="root", timeout=PATIENCE).out.strip()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                same = str((entry / "ns" / "uts").readlink()) == told
            except OSError:
                continue  # it has ended, or belongs to a user whose processes this one may not look at
            fields = _stat(int(entry.name)) if same else None
            if fields is not None:
                found.append(HostProcess(pid=int(entry.name), started=fields[19]))
    return found


def _stat(pid: int) -> list[str] | None:
    """Return the fields of a process from its state on, or None where there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What of the host an agent must leave as it is."""

    name: str
    core_pattern: str
    limits: str
    clock: float

    @classmethod
    def look(cls) -> Host:
        """Return what it is now."""
        settings = Path("/proc/sys/kernel")
        return cls(
            name=platform.node(),
            core_pattern=(settings / "core_pattern").read_text(encoding="utf-8"),
            limits=(settings / "pid_max").read_text(encoding="ascii"),
            # The distance of the two clocks changes only where somebody sets one of them.
            clock=time.time() - time.monotonic(),
        )

    def assert_same(self, before: Host) -> None:
        """Assert that nothing has changed since *before*; clocks may drift a little."""
        assert (self.name, self.core_pattern, self.limits) == (before.name, before.core_pattern, before.limits)
        assert abs(self.clock - before.clock) < 30


def score_or_cause(run: Lifecycle, submission: str = "wrong") -> float | str | None:
    """Return the final score of a run, or the cause of the error where the task gave none."""
    try:
        return run.final_score(submission).score
    except TaskError as error:
        return error.cause


def assert_fair(run: Lifecycle) -> None:
    """Assert that a run of the vault is scored as the family does it: no score but its own has this value."""
    assert run.final_score("wrong").score == WRONG
