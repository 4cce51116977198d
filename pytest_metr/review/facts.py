"""The facts of a run, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_metr.review.suggestions import suggest
from pytest_metr.texts import clock, visible
from pytest_metr.types import Finding, RunRecord


def fact_lines(run: RunRecord, finding: Finding | None) -> list[str]:
    """Return what is known of a run, and what its readers say."""
    return [visible(" ".join(line.split("\n"))) for line in (*_facts(run), *_said(finding))]


def _facts(run: RunRecord) -> Iterator[str]:
    yield f"{run.task_id} run {run.run} by {run.agent}"
    yield f"run id      {run.run_id}"
    outcome = "passed" if run.success else "failed"
    yield f"score       {run.score:g}, {outcome} (above {run.success_threshold:g} passes)"
    yield f"status      {run.status}" + (
        f": a limit, {run.limit_hit.name} {run.limit_hit.allowed:g}" if run.limit_hit else ""
    )
    if run.failure is not None:
        yield f"failure     {run.failure.cause}: {run.failure.message}"
    if run.human_minutes is not None:
        yield f"task        {run.human_minutes:g} human minutes ({run.bracket}), split {run.split or 'none'}"
    used = [f"{clock(run.usage.seconds)} h", f"{run.usage.actions} actions"]
    used += [f"{run.usage.tokens} tokens"] if run.usage.tokens is not None else []
    used += [f"${run.usage.cost:.2f}"] if run.usage.cost is not None else []
    yield f"used        {', '.join(used)}"
    if run.observed:
        yield f"seen        {', '.join(f'{name} {count}' for name, count in run.observed.items())}"
    if run.intermediate_scores:
        yield f"score log   {', '.join(f'{entry.score:g}' for entry in run.intermediate_scores)}"
    if run.canary_found:
        yield "canary      the task's canary is in what the agent did or saw"
    for note in run.notes:
        yield f"note        {note}"
    suggestion = suggest(run)
    if suggestion is not None:
        yield f"suggested   {suggestion.label} ({suggestion.category}): {suggestion.because}; counts for nothing"


def _said(finding: Finding | None) -> Iterator[str]:
    if finding is None:
        return
    for reader, label in finding.labels.items():
        yield f"{reader:<11} {label}"
    if finding.disputed:
        yield "disputed    the readers disagree"
    for note in finding.notes:
        yield f"            {note}"


def scoring_lines(run: RunRecord) -> list[str]:
    """Return what the task printed while it scored."""
    lines = [f"score {run.score:g}"]
    for name, text in run.scoring_output.items():
        if text.strip():
            lines += ["", f"--- {name} ---", *visible(text).expandtabs(4).split("\n")]
    return lines


def submission_lines(run: RunRecord) -> list[str]:
    """Return what was handed in."""
    if run.submission is None:
        return ["nothing was handed in"]
    return visible(run.submission).expandtabs(4).split("\n") if run.submission else ["the empty text was handed in"]
