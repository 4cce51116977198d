"""The safety margin that the gains of elicitation suggest for a gate.

The margin of a gate stands for what may be added to a model between two evaluations (METR's guidelines for capability
elicitation v0.1; its example protocol). What was added before is the evidence: the margin is the highest of the upper
ends of the gains that were seen. Each end lies above its own true gain with a chance of (1 + confidence) / 2, so that
the highest of them lies above the largest true gain with at least that chance, however many gains there are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_metr.types import Change, Estimate, Gain, MarginEnd, SuggestedMargin

#: Below so many tasks a margin says so.
FEW_TASKS = 10
#: Above this factor nobody's threshold could be kept.
_LARGEST_FACTOR = 1_000_000.0
#: Percentage points that no gate takes.
_ALL_POINTS = 100.0
#: A number that is within so much below a step of rounding is that step, but for what arithmetic does to it.
_DIGITS = 9


def suggest_margins(gains: Sequence[Gain], end: MarginEnd) -> tuple[SuggestedMargin, ...]:
    """Return a margin for each metric that the gains have tasks of.

    A metric of which one of the gains does not exist, or ends at no finite number, gets no margin: it would be a guess.

    :param gains: those that count, one or more, all with the same metrics.
    """
    metrics = [change.metric for change in gains[0].changes if change.tasks]
    return tuple(_margin(metric, gains, end) for metric in metrics)


def _margin(metric: str, gains: Sequence[Gain], end: MarginEnd) -> SuggestedMargin:
    changes = [change for gain in gains for change in gain.changes if change.metric == metric]
    kind, fewest = changes[0].kind, min(change.tasks for change in changes)
    remarks = [] if fewest >= FEW_TASKS else [f"of {fewest} {'task' if fewest == 1 else 'tasks'} alone"]
    ends = [_end(change, end) for change in changes]
    for gain, change, found in zip(gains, changes, ends, strict=True):
        if found is None:
            why = (_gained(change).problem or "unknown").replace("_", " ")
            remarks.append(f"no margin: what {gain.after} gained on {gain.before} is not known ({why})")
            return SuggestedMargin(
                metric=metric, kind=kind, margin=None, end=None, before=None, after=None, remarks=tuple(remarks)
            )
    known = [math.inf if found is None else found for found in ends]
    place = known.index(max(known))
    none = 0.0 if kind == "score" else 1.0
    highest = max(known[place], none)
    margin = _points(highest) if kind == "score" else _factor(highest)
    if margin is None:
        remarks.append(_too_large(gains[place], changes[place], end))
    elif known[place] <= none:
        remarks.append("no gain was seen: that none can come is not shown by this")
    return SuggestedMargin(
        metric=metric,
        kind=kind,
        margin=margin,
        end=highest,
        before=gains[place].before,
        after=gains[place].after,
        remarks=tuple(remarks),
    )


def _gained(change: Change) -> Estimate:
    return change.difference if change.kind == "score" else change.ratio


def _end(change: Change, end: MarginEnd) -> float | None:
    """Return the upper end of a gain, infinite where it is not bounded; None for a gain that does not exist."""
    gained = _gained(change)
    if gained.value is None or end == "estimate":
        return gained.value
    # Draws tell how well a number is known, but not where none differs, or it is no ordinary number.
    ordinary = gained.problem is None and gained.spread
    within = gained.bounds if end == "bounds" or not ordinary else gained.interval
    return math.inf if within is None else within.high


def _points(share: float) -> str | None:
    """Return a share as a gate has it, rounded up to a tenth of a point; None where no gate takes it."""
    if not math.isfinite(share):
        return None
    points = math.ceil(round(1000 * share, _DIGITS)) / 10
    return f"{points:g} points" if points < _ALL_POINTS else None


def _factor(factor: float) -> str | None:
    """Return a factor as a gate has it, rounded up to three digits; None where no gate should."""
    if not factor <= _LARGEST_FACTOR:
        return None
    step = 10.0 ** (math.floor(math.log10(factor)) - 2)
    rounded = math.ceil(round(factor / step, _DIGITS)) * step
    return f"{rounded:.2f}".rstrip("0").rstrip(".") if rounded < 1000 else f"{rounded:.0f}"


def _too_large(gain: Gain, change: Change, end: MarginEnd) -> str:
    score, interval = change.kind == "score", _gained(change).interval
    limit = "100 points" if score else f"a factor of {_LARGEST_FACTOR:,.0f}"
    told = f"no margin: what {gain.after} gained on {gain.before} can be more than {limit}"
    if end == "bounds" and interval is not None and (_points if score else _factor)(interval.high) is not None:
        ends_at = f"{100 * interval.high:.1f} points" if score else f"{interval.high:.3g}x"
        told += f"; the interval, which leaves out the draws that tell nothing, ends at {ends_at}"
    return told
