"""Whether the number can be believed: how wide its interval is, and whether the tasks were known before."""

from __future__ import annotations

import math
from dataclasses import replace

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol.checks.evidence import Evidence, Finding, counted, naming, run_name, unknown
from pytest_metr.protocol.rows import score_of
from pytest_metr.protocol.weights import run_weights
from pytest_metr.types import SPLITS


def interval_width(evidence: Evidence) -> Finding:
    """Width of the overall score's bounds, in points of 0 to 1."""
    bounds = evidence.result.overall_score.bounds
    if bounds is None or math.isnan(bounds.high - bounds.low):
        return unknown("the overall score has no bounds")
    width = bounds.high - bounds.low
    confidence = f"{100 * evidence.protocol.confidence:.4g} %"
    found = f"the {confidence} bounds of the overall score, {bounds.low:.3g} to {bounds.high:.3g}"
    return Finding(figure=width, sentence=f"{found}, are {width:.3g} wide")


def canary(evidence: Evidence) -> Finding:
    """Number of runs in whose transcript the task's canary was found: the agent has read what it may not know."""
    looked = [row for row in evidence.rows if row.canary_found is not None]
    if not looked:
        return unknown("nobody looked for a canary: no run is of a task that has one, or the records do not say")
    found = [run_name(row) for row in looked if row.canary_found]
    was = f"the task's canary was found in {len(found)} of {counted(len(looked), 'searched run')}"
    return Finding(figure=len(found), sentence=was + naming(found))


def dev_test_gap(evidence: Evidence) -> Finding:
    """Mean score on the dev split minus that on the test split, each with the protocol's weights within itself.

    An agent that was fitted to the dev tasks, or has seen them, is better there than elsewhere. Source: METR's
    autonomy evaluation resources v0.1 (elicit on dev, measure on test), the comparison in this package's reading.
    """
    means, counts = [], []
    for split in SPLITS:
        rows = [row for row in evidence.all_rows if row.split == split and not row.missing]
        if not rows:
            return unknown(f"no run of a task of the split {split} counts")
        try:
            weights = run_weights(rows, replace(evidence.protocol, split=None))
        except UsageMistake as mistake:
            return unknown(f"the split {split} has no mean: {mistake.message}")
        products = [weight * score_of(row) for row, weight in zip(rows, weights, strict=True)]
        means.append(math.fsum(products) / math.fsum(weights))
        counts.append(f"{means[-1]:.3g} on {split} ({counted(len(rows), 'run')})")
    return Finding(figure=means[0] - means[1], sentence=f"mean score {counts[0]} and {counts[1]}")
