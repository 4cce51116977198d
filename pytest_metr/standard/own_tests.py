"""The tests that a family brings with it, ``<family>_test.py``, run inside the sandbox of one of its tasks.

The sandbox need not have pytest: this machine's own is copied in, so nothing is installed and no network is needed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from pytest_metr.interfaces import Sandbox
from pytest_metr.standard.call import Reply
from pytest_metr.standard.layout import OURS

#: Where the copied pytest lies in a sandbox: out of the way of what the task has installed.
PACKAGES = f"{OURS}/own-tests"
_NO_TESTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTests:
    """How a family's own tests ended.

    :param status: pytest's exit status inside.
    :param outcomes: the number of tests by outcome: ``passed``, ``failed``, ``skipped``, ``error``.
    :param output: what was printed.
    """

    status: int
    outcomes: Mapping[str, int]
    output: str

    @classmethod
    def of(cls, reply: Reply) -> OwnTests:
        """Return what the sandbox says of them."""
        output = "".join(reply.output.get(stream, "") for stream in ("stdout", "stderr"))
        return cls(status=reply.value["status"], outcomes=reply.value["outcomes"], output=output)

    @property
    def counts(self) -> str:
        """The outcomes in words, for example ``12 passed, 1 skipped``."""
        return ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.items()) or "no tests"

    @property
    def problem(self) -> str | None:
        """Why they do not count as passed, in a line; None where they do: some have passed, and none has failed."""
        if self.status == 0:
            return None if self.outcomes.get("passed") else f"no test has passed: {self.counts}"
        return "there are no tests" if self.status == _NO_TESTS else f"{self.counts}; pytest ended with {self.status}"


def put_pytest(sandbox: Sandbox) -> None:
    """Copy this machine's pytest into a sandbox, as the user root."""
    with _pytest_files() as folder:
        sandbox.put_tree(folder, PACKAGES)


@contextmanager
def _pytest_files() -> Iterator[Path]:
    """Yield a folder with pytest and all that it needs, as they are installed here; all of it is pure Python."""
    with tempfile.TemporaryDirectory(prefix="pytest-metr-") as scratch:
        for found in _with_requirements("pytest"):
            for file in found.files or ():
                if ".." not in file.parts and "__pycache__" not in file.parts:
                    target = Path(scratch, file)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(str(file.locate()), target)
        yield Path(scratch)


def _with_requirements(name: str) -> list[Distribution]:
    """Return a distribution and those that it needs. What only an older Python needs is there where this one does."""
    found: dict[str, Distribution] = {}
    pending = [name]
    while pending:
        current = pending.pop().lower()
        if current in found:
            continue
        try:
            found[current] = distribution(current)
        except PackageNotFoundError:
            continue
        requirements = map(Requirement, found[current].requires or ())
        pending += [r.name for r in requirements if r.marker is None or r.marker.evaluate({"extra": ""})]
    return list(found.values())
