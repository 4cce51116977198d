"""What a look over a family finds."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_metr.types import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Record):
    """One thing that should be otherwise.

    :param rule: the rule's name.
    :param file: the file or folder.
    :param where: a key or a line in it; empty for the whole.
    """

    rule: str
    file: str
    message: str
    where: str = ""

    @property
    def line(self) -> str:
        """The finding as it is told."""
        return ": ".join(part for part in (self.file, self.where, f"{self.rule}: {self.message}") if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed(Record):
    """Findings of a rule that a family's manifest allows, with its reason (``meta.lint``)."""

    rule: str
    reason: str
    findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted(Record):
    """A family after the look."""

    family: str
    findings: tuple[Finding, ...]
    allowed: tuple[Allowed, ...] = ()
