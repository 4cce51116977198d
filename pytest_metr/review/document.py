"""Everything that readers say of a session, as data and as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_metr.report.labels import Labels, agreements, findings, stale_words
from pytest_metr.report.layout import format_table
from pytest_metr.report.results.elicited import agreement_sentences
from pytest_metr.review.choice import readable
from pytest_metr.review.suggestions import Suggestion, suggest
from pytest_metr.texts import printable
from pytest_metr.types import CATEGORIES, LABELS, Agreement, Finding, Label, Record, RunRecord, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed(Record):
    """What readers say of the runs of a session.

    :param labels: every label that was given, in its order, those that count no more among them.
    :param findings: what stands, of each run that was read.
    :param failed: how many failed runs there are, and *passed*, how many passed ones.
    :param stale: ids of runs with labels that count no more: the runs are gone, or have other scores now.
    :param suggestions: what the facts suggest of failed runs that nobody has read. They are nobody's word.
    """

    session: str
    failed: int
    passed: int
    labels: tuple[Label, ...]
    samples: tuple[Sample, ...]
    findings: tuple[Finding, ...]
    agreements: tuple[Agreement, ...]
    stale: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]
    notes: tuple[str, ...] = ()


def reviewed(session: str, runs: Sequence[RunRecord], labels: Labels) -> Reviewed:
    """Put together what there is."""
    scores = {run.run_id: run.score for run in runs}
    found = findings(labels.labels, scores)
    own = readable(runs)
    unread = [run for run in own if not run.success and run.run_id not in found]
    return Reviewed(
        session=session,
        failed=sum(not run.success for run in own),
        passed=sum(bool(run.success) for run in own),
        labels=labels.labels,
        samples=labels.samples,
        findings=tuple(found.values()),
        agreements=agreements(labels.labels, scores),
        stale=tuple(sorted({label.run_id for label in stale_words(labels.labels, scores)})),
        suggestions=tuple(suggestion for run in unread if (suggestion := suggest(run)) is not None),
        notes=tuple(labels.notes),
    )


def review_lines(review: Reviewed) -> list[str]:
    """Return it as lines for a terminal: counts, agreement, disagreements with their notes, suggestions."""
    counts = Counter(finding.label for finding in review.findings)
    disputed = [finding for finding in review.findings if finding.disputed]
    parts = [f"{counts[label]} {label}" for label in LABELS if counts[label]]
    parts += [f"{len(disputed)} disputed"] if disputed else []
    lines = [f"{len(review.findings)} of {review.failed + review.passed} runs read: {', '.join(parts) or 'nobody has'}"]
    lines += _table("reader", Counter(reader for f in review.findings for reader in f.labels))
    lines += _table("why", Counter(CATEGORIES[c] for f in review.findings for c in f.categories))
    told = agreement_sentences(review.agreements)
    lines += ["", *told] if told else []
    if disputed:
        lines += ["", "disputed:", *(f"  {line}" for finding in disputed for line in _dispute(finding))]
    if review.suggestions:
        by_category = Counter(suggestion.category for suggestion in review.suggestions)
        named = ", ".join(f"{category} {count}" for category, count in by_category.most_common())
        lines += [
            "",
            f"suggested by the facts of failed runs that nobody has read: {named}; suggestions count for nothing",
        ]
    if review.stale:
        runs = "1 run" if len(review.stale) == 1 else f"{len(review.stale)} runs"
        lines += ["", f"labels of {runs} count no more: gone, or scored otherwise than when they were given"]
    return [*lines, *(f"note: {note}" for note in review.notes)]


def _table(title: str, counts: Counter[str]) -> list[str]:
    # Words come last, so that long ones can go on in a line below.
    rows = [[str(count), printable(name)] for name, count in counts.most_common()]
    return ["", *format_table(("runs", title), rows, words={1})] if rows else []


def _dispute(finding: Finding) -> Iterator[str]:
    words = ", ".join(f"{reader} {label}" for reader, label in finding.labels.items())
    yield printable(f"{finding.run_id}: {words}")
    for note in finding.notes:
        yield f"  {printable(note)}"
