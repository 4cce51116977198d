"""An agent's numbers as measured, and corrected for what was found in its runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from pytest_metr.protocol.elicitation.inferred import InferringMeasurer, chance_limits, stratify, togetherness
from pytest_metr.protocol.elicitation.reading import Population, Reading, count_read, read_rows
from pytest_metr.protocol.elicitation.rules import RULES, Rule, corrected_rows, full_score
from pytest_metr.protocol.evaluate import evaluate_agent, evaluated_table
from pytest_metr.protocol.fit import FloatArray
from pytest_metr.protocol.intervals import hull
from pytest_metr.protocol.table import Table, tabulate
from pytest_metr.protocol.weights import weights_of_counted
from pytest_metr.types import (
    RECORDED_WEIGHTS,
    AgentResult,
    CorrectedResult,
    Correction,
    Elicitation,
    Estimate,
    EvaluationProtocol,
    Finding,
    GuidedRuns,
    Interval,
    RunRow,
    Sample,
)


def elicit(
    rows: Sequence[RunRow],
    protocol: EvaluationProtocol,
    *,
    findings: Mapping[str, Finding],
    samples: Sequence[Sample] = (),
    measured: AgentResult | None = None,
    guided: Sequence[GuidedRuns] = (),
) -> Elicitation:
    """Return what reading the runs of one agent makes of its numbers.

    Where every run was read that a correction could be about, its number is what :func:`evaluate_agent` says of the
    corrected rows. Where only a random sample was read, see :mod:`pytest_metr.protocol.elicitation.inferred`. Where
    runs were only chosen to be read, the others count as they were measured, and a warning says so.

    :param rows: all rows of the agent, none of a guided run among them.
    :param findings: by run id, what readers say; those of other runs are passed over.
    :param samples: the random samples that were drawn, of any agents.
    :param measured: what :func:`evaluate_agent` says of the rows, where that is known already.
    :param guided: runs made again with a declared fix, for the record.
    :raises UsageMistake: see :func:`evaluate_agent`.
    """
    reading = read_rows(rows, protocol, findings, samples)
    measured = measured or evaluate_agent(rows, protocol)
    labelled = [read.finding for read in reading.rows if read.finding is not None]
    return Elicitation(
        agent=rows[0].agent if rows else "",
        read=count_read(reading, protocol),
        inferred=any(_is_inferred(reading, rule) for rule in RULES),
        corrected=(
            _as_result("as_measured", measured, changed=0),
            *(_corrected(measured, reading, rule, protocol) for rule in RULES),
        ),
        categories=dict(sorted(Counter(name for finding in labelled for name in finding.categories).items())),
        guided=tuple(guided),
        warnings=(*reading.warnings, *_warnings(reading)),
    )


def _is_inferred(reading: Reading, rule: Rule) -> bool:
    reads = [read for read in reading.of(rule.population) if read.drawable]
    return any(read.sampled for read in reads) and any(read.finding is None for read in reads)


def _corrected(measured: AgentResult, reading: Reading, rule: Rule, protocol: EvaluationProtocol) -> CorrectedResult:
    hits = sum(rule.hits(read) for read in reading.rows)
    if _is_inferred(reading, rule):
        return _inferred(measured, reading, rule, protocol, hits)
    # Where nothing is corrected the numbers are those that were measured, draw by draw.
    if not hits:
        return _as_result(rule.name, measured, changed=hits)
    result = evaluate_agent(corrected_rows(reading.rows, rule, protocol), protocol)
    return _as_result(rule.name, _each(result, measured, _no_surer), changed=hits)


def _as_result(name: Correction, result: AgentResult, *, changed: float, inferred: float = 0.0) -> CorrectedResult:
    return CorrectedResult(
        name=name,
        changed=changed,
        inferred=inferred,
        overall_score=result.overall_score,
        success_rate=result.success_rate,
        horizon=result.horizon,
        brackets=result.brackets,
    )


def _inferred(
    measured: AgentResult, reading: Reading, rule: Rule, protocol: EvaluationProtocol, hits: int
) -> CorrectedResult:
    rows = [read.row for read in reading.rows]
    strata = stratify(reading.rows, rule, protocol)
    table = tabulate(rows, weights_of_counted(rows, protocol), protocol, marks=strata.marks)
    kept = _kept_weights(reading, rule, protocol, table)
    together = togetherness(reading.rows, rule)

    def measurer(chances: FloatArray | None = None) -> InferringMeasurer:
        return InferringMeasurer(
            table,
            protocol,
            effect=rule.effect,
            strata=strata.number,
            kept=kept,
            full=full_score(protocol),
            together=together,
            chances=chances,
        )

    estimating = measurer()
    agent = rows[0].agent
    result = evaluated_table(agent, table, estimating, protocol, missing=0)
    counts = estimating.counts(strata.number)
    for chances in chance_limits(counts, protocol.confidence):
        limit = evaluated_table(agent, table, measurer(chances), replace(protocol, draws=0), missing=0)
        result = _each(result, limit, _holding)
    result = _each(result, measured, _no_surer if _varied(counts) else _bounds_alone)
    inferred = estimating.inferred()
    return _as_result(rule.name, result, changed=hits + inferred, inferred=inferred)


def _kept_weights(reading: Reading, rule: Rule, protocol: EvaluationProtocol, table: Table) -> FloatArray | None:
    """Return (T,) the weight of each task among those that keep a run, when the hits that were read are left out.

    None where the weights are recorded, which are each run's own.
    """
    if protocol.weighting == RECORDED_WEIGHTS:
        return None
    kept = [read.row for read in reading.rows if not rule.hits(read)]
    of_task: dict[tuple[str, str], float] = defaultdict(float)
    for row, weight in zip(kept, weights_of_counted(kept, protocol), strict=True):
        of_task[row.family, row.task_id] += weight
    return np.array([of_task[task] for task in zip(table.families, table.tasks, strict=True)])


def _each(result: AgentResult, other: AgentResult, change: Callable[[Estimate, Estimate], Estimate]) -> AgentResult:
    """Return a result with each of its estimates changed by the one that another result has in its place."""
    return replace(
        result,
        overall_score=change(result.overall_score, other.overall_score),
        success_rate=change(result.success_rate, other.success_rate),
        horizon=replace(
            result.horizon,
            at={
                percent: change(estimate, other.horizon.at[percent]) for percent, estimate in result.horizon.at.items()
            },
        ),
        brackets=tuple(
            replace(
                bracket,
                score=change(bracket.score, beside.score),
                success_rate=change(bracket.success_rate, beside.success_rate),
            )
            for bracket, beside in zip(result.brackets, other.brackets, strict=True)
        ),
    )


def _varied(counts: Sequence[tuple[int, int]]) -> bool:
    """Whether each stratum's sample has hits and others: one of runs that are all alike has nothing to resample."""
    return all(0 < hits < sampled for hits, sampled in counts)


def _bounds_alone(estimate: Estimate, _: Estimate) -> Estimate:
    return replace(estimate, interval=None) if estimate.spread else estimate


def _no_surer(estimate: Estimate, measured: Estimate) -> Estimate:
    # Else an upper bound could end below what was measured, which then has bounds alone.
    return estimate if measured.spread else _bounds_alone(estimate, measured)


def _holding(estimate: Estimate, other: Estimate) -> Estimate:
    """Return an estimate whose bounds hold another one's value."""
    if other.value is None:
        return estimate
    return replace(estimate, bounds=hull(estimate.bounds, Interval(low=other.value, high=other.value)))


#: Which runs were read -> what follows for the others where none was drawn at random.
_NOT_CORRECTED: dict[Population, str] = {
    "failed": "whatever is spurious among the others is not corrected for, and the upper bound is none",
    "passed": "whatever is doubtful among the others is not corrected for",
}


def _warnings(reading: Reading) -> Iterator[str]:
    for population, so in _NOT_CORRECTED.items():
        reads = reading.of(population)
        read = sum(r.finding is not None for r in reads)
        at_random = any(r.sampled for r in reads)
        if 0 < read < len(reads) and not at_random:
            yield f"{read} of {len(reads)} {population} runs were read, none of them drawn at random: {so}"
        outside = sum(not r.drawable and r.finding is None for r in reads)
        if outside and at_random:
            yield (
                f"{outside} {population} {_runs(outside)} none by their tasks' own thresholds, so that no sample was "
                "drawn from them: nobody has read them, and they count as measured"
            )
    failed = reading.of("failed")
    if failed and not any(read.finding is not None for read in failed):
        yield "no failed run was read: nothing is corrected, and the upper bound is none"
    disputed = sum(read.disputed for read in reading.rows)
    if disputed:
        yield (
            f"{disputed} of the runs that were read {'is' if disputed == 1 else 'are'} disputed: they count as "
            "measured, and in the upper and lower bounds in the way that moves these further"
        )
    left_out = sum(read.row.zero_by_rule for read in reading.rows)
    if left_out:
        yield (
            f"{left_out} {'run was' if left_out == 1 else 'runs were'} left out by staging and count as failures in "
            "each of these numbers: where spurious failures are why, the upper bound is none"
        )


def _runs(number: int) -> str:
    return "run is" if number == 1 else "runs are"
