"""The counted runs of one agent, each with what its readers say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_metr.protocol.rows import counted, is_success
from pytest_metr.types import (
    LABELS_OF_FAILURES,
    LABELS_OF_SUCCESSES,
    EvaluationProtocol,
    Finding,
    LabelName,
    ReadRuns,
    RunRow,
    Sample,
)

Population = Literal["failed", "passed"]
_LABELS_OF: dict[Population, tuple[LabelName, ...]] = {"failed": LABELS_OF_FAILURES, "passed": LABELS_OF_SUCCESSES}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """A run that counts.

    :param population: None for a run that staging left out: nobody can read it.
    :param finding: what its readers say; None where nobody has read it.
    :param sampled: whether it was read because it was drawn at random.
    :param drawable: whether it could be drawn: samples are drawn by the thresholds of the tasks, and a protocol may
        have another one, by which a run is of another population.
    """

    row: RunRow
    bracket: str | None
    population: Population | None
    finding: Finding | None = None
    sampled: bool = False
    drawable: bool = True

    @property
    def disputed(self) -> bool:
        """Whether its readers disagree."""
        return self.finding is not None and self.finding.disputed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All counted runs of one agent, in the order of its rows.

    :param warnings: sentences for the reader.
    """

    rows: tuple[ReadRow, ...]
    warnings: tuple[str, ...] = ()

    def of(self, population: Population) -> list[ReadRow]:
        """Return the runs of a population."""
        return [read for read in self.rows if read.population == population]


def read_rows(
    rows: Sequence[RunRow],
    protocol: EvaluationProtocol,
    findings: Mapping[str, Finding],
    samples: Sequence[Sample],
) -> Reading:
    """Sort the runs that count.

    :param rows: all rows of one agent.
    :param findings: by run id.
    :param samples: of any agents; those of others are passed over.
    """
    drawn, warnings = _drawn(rows, findings, samples)
    found, odd = [], 0
    for place in counted(rows, protocol):
        row = rows[place]
        population = _population(row, protocol)
        finding = findings.get(row.run_id)
        if finding is not None and not _fits(finding, population):
            finding, odd = None, odd + 1
        found.append(
            ReadRow(
                row=row,
                bracket=protocol.bracket_of(row.human_minutes),
                population=population,
                finding=finding,
                sampled=population is not None and row.run_id in drawn[population],
                drawable=row.success is (population == "passed"),
            )
        )
    if odd:
        runs, they = ("run", "it counts") if odd == 1 else ("runs", "they count")
        warnings.append(f"the labels of {odd} {runs} do not fit success or failure by this protocol: {they} as unread")
    return Reading(rows=tuple(found), warnings=tuple(warnings))


def _population(row: RunRow, protocol: EvaluationProtocol) -> Population | None:
    if not row.has_score:
        return None
    return "passed" if is_success(row, protocol) else "failed"


def _fits(finding: Finding, population: Population | None) -> bool:
    """Whether what readers say makes sense of a run: nobody who says that a failure is spurious has read a success."""
    said = {finding.label} if finding.label is not None else set(finding.labels.values())
    return population is not None and bool(said) and said <= set(_LABELS_OF[population])


def _drawn(
    rows: Sequence[RunRow], findings: Mapping[str, Finding], samples: Sequence[Sample]
) -> tuple[dict[Population, set[str]], list[str]]:
    """Return the ids of the runs that were read because they were drawn, and what speaks against a sample.

    A protocol may count fewer runs than were drawn from: what a random sample of all has of these is random.
    """
    drawn: dict[Population, set[str]] = {"failed": set(), "passed": set()}
    warnings = []
    for sample in samples:
        if any(row.agent == sample.agent for row in rows):
            there = {row.run_id for row in rows if row.success is (sample.population == "passed")}
            if len(there) == sample.of and there.issuperset(sample.runs):
                drawn[sample.population].update(_as_far_as_read(sample, findings))
            else:
                drawn_from = f"a random sample was drawn from {sample.of} {sample.population} runs"
                warnings.append(f"{drawn_from}, and tells nothing of the {len(there)} that there are now")
    return drawn, warnings


def _as_far_as_read(sample: Sample, findings: Mapping[str, Finding]) -> list[str]:
    """Return the beginning of a sample that was read without a gap: what comes behind a gap may have been chosen."""
    for place, run_id in enumerate(sample.runs):
        if run_id not in findings or not _fits(findings[run_id], sample.population):
            return list(sample.runs[:place])
    return list(sample.runs)


def count_read(reading: Reading, protocol: EvaluationProtocol) -> tuple[ReadRuns, ...]:
    """Return by bracket how many runs were read, and what was found; brackets without runs are left out."""
    names: list[str | None] = [*(bracket.name for bracket in protocol.brackets), None]
    counts = [_count(name, [read for read in reading.rows if read.bracket == name]) for name in names]
    return tuple(count for count in counts if count.failures or count.successes)


def _count(bracket: str | None, rows: Sequence[ReadRow]) -> ReadRuns:
    failures = [read for read in rows if read.population == "failed"]
    successes = [read for read in rows if read.population == "passed"]

    def labelled(reads: Sequence[ReadRow], label: str) -> list[ReadRow]:
        return [read for read in reads if read.finding is not None and read.finding.label == label]

    return ReadRuns(
        bracket=bracket,
        failures=len(failures),
        read=sum(read.finding is not None for read in failures),
        disputed=sum(read.disputed for read in failures),
        sampled=sum(read.sampled for read in failures),
        spurious=len(labelled(failures, "spurious")),
        sampled_spurious=sum(read.sampled for read in labelled(failures, "spurious")),
        tradeoff=len(labelled(failures, "tradeoff")),
        successes=len(successes),
        successes_read=sum(read.finding is not None for read in successes),
        doubtful=len(labelled(successes, "success_doubtful")),
    )
