"""What sandboxes give: results of commands, and what they are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pytest_metr.types.record import Record

User = Literal["root", "agent"]

#: How many bytes of each output stream are kept of one command; the middle of more is dropped.
DEFAULT_OUTPUT_LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecResult:
    """What a command in a sandbox left behind. A command that fails is a result, not an error.

    :param exit_code: the exit status; minus the signal's number when a signal ended it; None after a timeout.
    :param stdout: at most the output limit, the middle dropped and the cut said.
    :param out_of_memory: whether the kernel killed something of the sandbox for want of memory while the command ran;
        False as well where the provider cannot tell.
    """

    exit_code: int | None
    stdout: bytes
    stderr: bytes
    timed_out: bool = False
    stdout_dropped: int = 0
    stderr_dropped: int = 0
    seconds: float = 0.0
    out_of_memory: bool = False

    @property
    def ok(self) -> bool:
        """Whether the command ended with status 0."""
        return self.exit_code == 0

    @property
    def out(self) -> str:
        """Standard output as text; bytes that are not UTF-8 are shown as U+FFFD."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def err(self) -> str:
        """Standard error as text; bytes that are not UTF-8 are shown as U+FFFD."""
        return self.stderr.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxInfo(Record):
    """What a sandbox is made of, for the record: provider, versions, image."""

    provider: str
    image: str
    versions: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult(Record):
    """Whether a provider works on this machine, and what to do where it does not."""

    provider: str
    works: bool
    detail: str
    remedy: str | None = None
