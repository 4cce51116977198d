"""What readers say of the runs of a session: a file beside it that is only ever appended to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from pytest_metr.report.journal import Journal, read_journal
from pytest_metr.report.past import NOT_OURS
from pytest_metr.types import CATEGORIES, LABELS, Agreement, Finding, Label, LabelName, Sample

LABELS_FILE = "labels.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What was found in a file of labels.

    :param labels: in the order in which they were given.
    :param samples: the random samples that were drawn to be read, likewise.
    :param damaged: the 1-based numbers of lines that could not be read.
    :param unreadable: how many further lines are no labels or samples that this version can read.
    """

    labels: tuple[Label, ...] = ()
    samples: tuple[Sample, ...] = ()
    damaged: tuple[int, ...] = ()
    unreadable: int = 0

    @property
    def notes(self) -> list[str]:
        """What a reader must know about the file, as sentences."""
        notes = []
        if self.damaged:
            notes.append(f"lines of {LABELS_FILE} could not be read: {', '.join(map(str, self.damaged))}")
        if self.unreadable:
            lines = "1 line" if self.unreadable == 1 else f"{self.unreadable} lines"
            verb = "is" if self.unreadable == 1 else "are"
            notes.append(f"{lines} of {LABELS_FILE} {verb} nothing that this version can read")
        return notes


def read_labels(folder: Path) -> Labels:
    """Return what readers say of a session; nothing where nobody has said anything.

    :param folder: of the session.
    :raises OSError: where the file cannot be read.
    """
    try:
        content = read_journal(folder / LABELS_FILE)
    except FileNotFoundError:
        return Labels()
    labels, samples, unreadable = [], [], 0
    for line in content.lines:
        try:
            if line["kind"] == "label":
                labels.append(_checked_label(Label.from_json(line)))
            elif line["kind"] == "sample":
                samples.append(_checked_sample(Sample.from_json(line), line["runs"]))
            else:
                unreadable += 1
        except NOT_OURS:
            unreadable += 1
    return Labels(labels=tuple(labels), samples=tuple(samples), damaged=content.damaged, unreadable=unreadable)


def _checked_label(label: Label) -> Label:
    if label.label is not None and label.label not in LABELS:
        raise ValueError("no label of this version")
    if label.category is not None and label.category not in CATEGORIES:
        raise ValueError("no category of this version")
    _check_texts(label.run_id, label.reviewer, label.at, label.note, label.source)
    if type(label.settles) is not bool:
        raise ValueError("no label of this version")
    return label


def _checked_sample(sample: Sample, runs: object) -> Sample:
    """Refuse what is no sample.

    :param runs: as they were written; a text is no list of runs, and could be taken for one.
    """
    _check_texts(sample.agent, sample.reviewer, sample.at, *sample.runs)
    drawn = len(set(sample.runs))
    if not (isinstance(runs, list) and sample.population in ("failed", "passed")):
        raise ValueError("no sample of this version")
    if not (type(sample.of) is int and type(sample.seed) is int and drawn == len(sample.runs) <= sample.of):
        raise ValueError("no sample of this version")
    return sample


def _check_texts(*texts: object) -> None:
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("expected texts")


def add_labels(folder: Path, labels: Iterable[Label]) -> None:
    """Append labels, all of them or none; when this returns they are on the disk. Several readers may do so at once.

    :raises InfrastructureError: where it cannot be written; the file is then what it was before.
    """
    Journal(folder / LABELS_FILE).append_all("label", [label.to_json() for label in labels])


def add_sample(folder: Path, sample: Sample) -> None:
    """Append a sample, as :func:`add_labels` does."""
    Journal(folder / LABELS_FILE).append("sample", sample.to_json())


def last_words(labels: Iterable[Label], scores: Mapping[str, float | None]) -> list[Label]:
    """Return each reader's last word on each run, in the order in which they were given.

    What a reader has taken back is not among them, nor is the label of a run that is not there or that has been scored
    anew since it was read.

    :param scores: by run id, the score that the run has now.
    """
    return [label for label in _last(labels) if not is_stale(label, scores)]


def stale_words(labels: Iterable[Label], scores: Mapping[str, float | None]) -> list[Label]:
    """Return the last words that :func:`last_words` leaves out, because the run is gone or has been scored anew."""
    return [label for label in _last(labels) if is_stale(label, scores)]


def _last(labels: Iterable[Label]) -> list[Label]:
    words: dict[tuple[str, str], Label] = {}
    for label in labels:
        words.pop((label.run_id, label.reviewer), None)
        if label.label is not None:
            words[label.run_id, label.reviewer] = label
    return list(words.values())


def is_stale(label: Label, scores: Mapping[str, float | None]) -> bool:
    """Whether a label is of a run that is not there, or that had another score when it was read."""
    if label.run_id not in scores:
        return True
    return label.score is not None and label.score != scores[label.run_id]


def findings(labels: Iterable[Label], scores: Mapping[str, float | None]) -> dict[str, Finding]:
    """Return by run id what all readers together say, of the runs that were read.

    The last label that settles a disagreement stands above all others; else what all readers say stands.

    :param scores: by run id, the score that the run has now.
    """
    by_run: dict[str, list[Label]] = {}
    for label in last_words(labels, scores):
        by_run.setdefault(label.run_id, []).append(label)
    return {run_id: _finding(run_id, words) for run_id, words in by_run.items()}


def _finding(run_id: str, words: list[Label]) -> Finding:
    settling = [word.label for word in words if word.settles]
    label = settling[-1] if settling else None
    said = {word.reviewer: word.label for word in words if word.label is not None}
    stands: LabelName | None = next(iter(said.values())) if len(set(said.values())) == 1 else None
    return Finding(
        run_id=run_id,
        label=label or stands,
        labels=said,
        # Why a run went as it did is told by those whose label stands, not by those who were overruled.
        categories=dict(Counter(word.category for word in words if word.category and label in (None, word.label))),
        notes=tuple(word.note for word in words if word.note),
        settled=bool(settling),
    )


def agreements(labels: Iterable[Label], scores: Mapping[str, float | None]) -> tuple[Agreement, ...]:
    """Return how far each two readers agree, readers in alphabetical order; labels that settle something do not count.

    Source: Cohen (1960), "A coefficient of agreement for nominal scales": with the share of runs p_o on which both gave
    the same label, and the share p_e on which they would by chance if each gave labels as often as they did,
    kappa = (p_o - p_e) / (1 - p_e).
    """
    by_reader: dict[str, dict[str, LabelName]] = {}
    for word in last_words(labels, scores):
        if word.label is not None and not word.settles:
            by_reader.setdefault(word.reviewer, {})[word.run_id] = word.label
    return tuple(
        _agreement((one, other), by_reader[one], by_reader[other]) for one, other in combinations(sorted(by_reader), 2)
    )


def _agreement(names: tuple[str, str], one: Mapping[str, LabelName], other: Mapping[str, LabelName]) -> Agreement:
    both = [(one[run_id], other[run_id]) for run_id in one if run_id in other]
    agreed = sum(a == b for a, b in both)
    kappa = None
    if both:
        firsts, seconds = Counter(a for a, _ in both), Counter(b for _, b in both)
        by_chance = sum(firsts[label] * seconds[label] for label in firsts)  # out of len(both) ** 2
        if by_chance < len(both) ** 2:
            kappa = (agreed * len(both) - by_chance) / (len(both) ** 2 - by_chance)
    return Agreement(reviewers=names, runs=len(both), agreed=agreed, kappa=kappa)
