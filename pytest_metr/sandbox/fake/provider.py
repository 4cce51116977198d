"""The provider of sandboxes in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pytest_metr.errors import SandboxError
from pytest_metr.interfaces import Sandbox
from pytest_metr.sandbox.fake.files import Files, Node
from pytest_metr.sandbox.fake.process import Answers
from pytest_metr.sandbox.fake.programs import PROGRAMS, Call, Program
from pytest_metr.sandbox.fake.sandbox import FakeSandbox
from pytest_metr.types import ProbeResult, Resources, SandboxInfo

_FOLDERS = (
    ("/bin", 0o755),
    ("/etc", 0o755),
    ("/home", 0o755),
    ("/home/agent", 0o755),
    ("/opt", 0o755),
    ("/protected", 0o750),
    ("/root", 0o700),
    ("/srv", 0o755),
    ("/tmp", 0o1777),
    ("/usr", 0o755),
    ("/usr/bin", 0o755),
    ("/var", 0o755),
    ("/var/log", 0o755),
    ("/var/tmp", 0o1777),
)


class FakeProvider:
    """A :class:`~pytest_metr.interfaces.Provider` for tests of what uses one; ``--sandbox`` does not offer it.

    :param programs: programs of the world besides the built-in ones, by name; they win over those.
    :param talks: what answers the input of commands that go on, by the name of a program without arguments, for each
        call anew; ``cat`` answers with the same.
    :param works: what :meth:`probe` says.
    :param refuses: what :meth:`refusal` says, by the name of a need.
    :param sandboxes: every sandbox that is open, the newest last.
    """

    def __init__(
        self,
        *,
        programs: Mapping[str, Program] | None = None,
        talks: Mapping[str, Callable[[Call], Answers]] | None = None,
        works: bool = True,
        refuses: Mapping[str, str] | None = None,
    ) -> None:
        self.sandboxes: list[FakeSandbox] = []
        self._programs = {**PROGRAMS, **(programs or {})}
        self._talks = {"cat": lambda _: lambda data: data, **(talks or {})}
        self._works = works
        self._refuses = dict(refuses or {})
        self._snapshots: dict[str, Files] = {}

    @property
    def name(self) -> str:
        """``fake``."""
        return "fake"

    def probe(self) -> ProbeResult:
        """Say what the test has told it to say."""
        if self._works:
            return ProbeResult(provider=self.name, works=True, detail="in memory")
        return ProbeResult(provider=self.name, works=False, detail="told not to work", remedy="tell it to work")

    def refusal(self, resources: Resources, needs: Sequence[str]) -> str | None:
        """Refuse the needs that the test has named, and GPUs."""
        reasons = [f"{need}: {self._refuses[need]}" for need in needs if need in self._refuses]
        if resources.gpu is not None and resources.gpu.count_min > 0:
            reasons.append("gpu: there are none in memory")
        return "; ".join(reasons) or None

    def snapshot(self, key: str, build: Callable[[Sandbox], None]) -> str:
        """Return the id of a snapshot, which is kept as long as this object."""
        if key not in self._snapshots:
            with self._make(_machine(), "build", internet=True) as sandbox:
                build(sandbox)
                self._snapshots[key] = sandbox.files.copy(without="/tmp")
        return key

    def identify(self, key: str) -> str:
        """Return the id of a snapshot, which is its key."""
        return key

    def create(self, snapshot: str, *, internet: bool, resources: Resources, label: str) -> FakeSandbox:
        """Make a sandbox. :raises SandboxError: where there is no such snapshot, or *resources* are refused."""
        reason = self.refusal(resources, ())
        if reason is not None or snapshot not in self._snapshots:
            raise SandboxError(reason or f"there is no snapshot {snapshot!r}")
        return self._make(self._snapshots[snapshot].copy(), snapshot, internet=internet, notes=(label,))

    def close(self) -> None:
        """Close what is open."""
        for sandbox in list(self.sandboxes):
            sandbox.close()

    def __enter__(self) -> FakeProvider:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _make(self, files: Files, image: str, *, internet: bool, notes: tuple[str, ...] = ()) -> FakeSandbox:
        told = (*notes, "with the internet" if internet else "without the internet")
        info = SandboxInfo(provider=self.name, image=image, versions={"fake": "1"}, notes=told)
        sandbox = FakeSandbox(files, info, self._programs, self._talks, self.sandboxes.remove)
        self.sandboxes.append(sandbox)
        return sandbox


def _machine() -> Files:
    files = Files()
    for path, mode in _FOLDERS:
        files.put(path, Node(kind="dir", mode=mode), "root")
    header = b"timestamp,score,message,details\n"
    files.put("/protected/score.log", Node(kind="file", data=header, mode=0o620), "root")
    return files
