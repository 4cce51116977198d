"""What a reader has before them: the runs to be read, what was said of them, and the file that it is said in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_metr.report.labels import add_labels, agreements, findings, read_labels
from pytest_metr.report.reading import WholeSession
from pytest_metr.review.importing import unfit
from pytest_metr.review.transcript import TranscriptReader
from pytest_metr.types import Agreement, Finding, Label, LabelName, RunRecord, now


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a reader is about to say of a run."""

    label: LabelName
    category: str | None = None
    note: str = ""


class Desk:
    """Reads and writes what a reader says. What is said is on the disk at once, and what others say is read again.

    :param runs: those to be read, in their order.
    :param reviewer: who reads.
    :param settles: whether what is said settles disagreements.
    """

    def __init__(
        self, session: WholeSession, runs: Sequence[RunRecord], *, reviewer: str, settles: bool = False
    ) -> None:
        self.session = session
        self.runs = tuple(runs)
        self.reviewer = reviewer
        self.settles = settles
        self.findings: Mapping[str, Finding] = {}
        self.agreements: tuple[Agreement, ...] = ()
        self.look()

    @property
    def folder(self) -> Path:
        """Where the session is."""
        return self.session.folder

    def look(self) -> None:
        """Read what everybody has said by now."""
        labels = read_labels(self.folder).labels
        scores = self.session.scores
        self.findings, self.agreements = findings(labels, scores), agreements(labels, scores)

    def own_word(self, run: RunRecord) -> LabelName | None:
        """Return what this reader has said of a run."""
        finding = self.findings.get(run.run_id)
        return None if finding is None else finding.labels.get(self.reviewer)

    def unfit(self, run: RunRecord, label: LabelName) -> str | None:
        """Return why a run cannot have a label; None where it can."""
        return unfit(run, label)

    def say(self, run: RunRecord, word: Word | None) -> None:
        """Write down what this reader says of a run; None takes back what was said before.

        :raises InfrastructureError: where it cannot be written.
        """
        label = Label(
            run_id=run.run_id,
            label=None if word is None else word.label,
            category=None if word is None else word.category,
            note="" if word is None else word.note,
            reviewer=self.reviewer,
            at=now(),
            settles=self.settles and word is not None,
            score=run.score,
        )
        add_labels(self.folder, [label])
        self.look()

    def transcript(self, run: RunRecord) -> TranscriptReader:
        """Return the transcript of a run, to be read."""
        return TranscriptReader(self.session.transcript(run.transcript))

    def standing(self) -> str:
        """Return in a line who reads, how far they are, and how far readers agree."""
        read = sum(self.own_word(run) is not None for run in self.runs)
        parts = [f"{self.reviewer}{' (settles)' if self.settles else ''}", f"{read} of {len(self.runs)} read"]
        disputed = sum(finding.disputed for finding in self.findings.values())
        parts += [f"{disputed} disputed"] if disputed else []
        for agreement in self.agreements:
            if self.reviewer in agreement.reviewers and agreement.runs:
                [other] = [name for name in agreement.reviewers if name != self.reviewer]
                kappa = "-" if agreement.kappa is None else f"{agreement.kappa:.2f}"
                parts.append(f"kappa {kappa} with {other} ({agreement.runs})")
        return " · ".join(parts)
