"""Numbers as a page has them: the figure to draw, and its words, which are those of the terminal."""

from __future__ import annotations

from typing import Any

from pytest_metr.report.results.elicited import guided_sentence
from pytest_metr.report.results.numbers import format_horizon, format_score, shown_interval
from pytest_metr.types import AgentResult, BracketResult, Change, Comparison, CorrectedResult, Elicitation, Estimate

Json = dict[str, Any]


def score_figure(estimate: Estimate) -> Json:
    """Return a score, a share of 1, with its words."""
    return _figure(estimate, format_score(estimate))


def horizon_figure(estimate: Estimate) -> Json:
    """Return a time horizon in human minutes, with its words."""
    return _figure(estimate, format_horizon(estimate))


def _figure(estimate: Estimate, words: tuple[str, str]) -> Json:
    shown = shown_interval(estimate)
    ends = (None, None) if shown is None else (shown.low, shown.high)
    return {"value": estimate.value, "low": ends[0], "high": ends[1], "words": words[0], "range": words[1]}


def agent_figures(result: AgentResult) -> Json:
    """Return everything that is drawn and told of one agent's numbers."""
    return {
        "agent": result.agent,
        "runs": result.runs,
        "tasks": result.tasks,
        "families": result.families,
        "missing": result.missing,
        "zeros": result.zeros_by_rule,
        "floor": result.floor,
        "score": score_figure(result.overall_score),
        "success": score_figure(result.success_rate),
        "horizons": _horizons(result),
        "intercept": result.horizon.intercept,
        "slope": result.horizon.slope,
        "brackets": [_bracket(bracket) for bracket in result.brackets],
        "points": [
            [task.task_id, task.human_minutes, task.success_rate, task.score, task.weight, task.runs]
            for task in result.task_results
        ],
        "checks": [check.to_json() for check in result.checks],
        "warnings": [*result.warnings, *result.horizon.warnings],
    }


def _horizons(result: AgentResult | CorrectedResult) -> list[Json]:
    rising = sorted(result.horizon.at.items(), key=lambda item: int(item[0]))
    return [{"percent": int(percent), **horizon_figure(estimate)} for percent, estimate in rising]


def _bracket(bracket: BracketResult) -> Json:
    return {
        "name": bracket.name,
        "tasks": bracket.tasks,
        "runs": bracket.runs,
        "score": score_figure(bracket.score),
        "success": score_figure(bracket.success_rate),
    }


def elicitation_figures(elicitation: Elicitation) -> Json:
    """Return what the labels of an agent's runs make of its numbers."""
    return {
        "agent": elicitation.agent,
        "inferred": elicitation.inferred,
        "read": [read.to_json() for read in elicitation.read],
        "corrected": [_corrected(result) for result in elicitation.corrected],
        "categories": elicitation.categories,
        "guided": [guided_sentence(guided) for guided in elicitation.guided],
        "warnings": list(elicitation.warnings),
    }


def _corrected(result: CorrectedResult) -> Json:
    return {
        "name": result.name,
        "changed": result.changed,
        "inferred": result.inferred,
        "score": score_figure(result.overall_score),
        "success": score_figure(result.success_rate),
        "horizons": _horizons(result),
    }


def comparison_figures(comparison: Comparison) -> Json:
    """Return how two agents differ."""
    return {
        "before": comparison.before.to_json(),
        "after": comparison.after.to_json(),
        "tasks": comparison.tasks,
        "families": comparison.families,
        "changes": [_change(change) for change in comparison.changes],
        "left_out": comparison.left_out.to_json(),
        "same_versions_only": comparison.same_versions_only,
        "warnings": list(comparison.warnings),
    }


def _change(change: Change) -> Json:
    of_horizon = change.kind == "horizon"
    figure = horizon_figure if of_horizon else score_figure
    difference = change.ratio if of_horizon else change.difference
    return {
        "metric": change.metric,
        "kind": change.kind,
        "tasks": change.tasks,
        "before": figure(change.before),
        "after": figure(change.after),
        "change": _figure(difference, format_score(difference)),
        "problem": difference.problem,
        "improved": change.improved,
    }
