"""What the facts of a run suggest that it was. A suggestion is nobody's word: only a reader makes a label of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_metr.types import LabelName, Record, RunRecord

#: So many calls that could not be understood are more than a slip.
_MALFORMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion(Record):
    """What a run may have been.

    :param because: the facts that suggest it.
    """

    run_id: str
    label: LabelName
    category: str
    because: str


def suggest(run: RunRecord) -> Suggestion | None:
    """Return what the record of a run suggests; None where it suggests nothing."""
    if run.success is None:
        return None
    label: LabelName = "success_doubtful" if run.success else "spurious"
    facts = _of_success(run) if run.success else _of_failure(run)
    for category, because in facts:
        return Suggestion(run_id=run.run_id, label=label, category=category, because=because)
    return None


def _of_success(run: RunRecord) -> Iterator[tuple[str, str]]:
    if run.canary_found:
        yield "other", "the task's canary is in what the agent did or saw"
    if run.usage.actions == 0:
        yield "task_bug", "it passed without doing anything in the sandbox"


def _of_failure(run: RunRecord) -> Iterator[tuple[str, str]]:
    """Yield categories with their reasons, the most telling first."""
    seen = run.observed
    if seen.get("refusal") or seen.get("filtered"):
        yield "refusal", _times("refused", seen.get("refusal", 0) + seen.get("filtered", 0))
    if run.scoring_output.get("exit_code", "0") not in ("0", "") or "Traceback" in run.scoring_output.get("stderr", ""):
        yield "task_bug", "the task complained while it scored"
    malformed = seen.get("malformed_call", 0)
    if malformed >= max(_MALFORMED, run.usage.actions / 2):
        yield "tool_or_format", f"{malformed} calls could not be understood, {run.usage.actions} could"
    if run.failure is not None:
        yield "tool_or_format", f"the agent failed: {run.failure.cause}"
    if seen.get("too_long") or seen.get("context_cut"):
        yield "lost_context", "what the model had been told was cut, or was too long for it"
    if seen.get("session_ended") or seen.get("tool_timeout"):
        yield "environment", "a shell ended by itself, or a command took too long"
    if seen.get("submitted_at_once") or seen.get("gave_up") or seen.get("empty_submission"):
        yield "gave_up_early", "it ended without an answer, or before it had done anything"
    if run.limit_hit is not None:
        yield "other", f"a limit ended it: {run.limit_hit.name} {run.limit_hit.allowed:g}"


def _times(what: str, times: int) -> str:
    return f"the model, its maker or a filter {what} {'once' if times == 1 else f'{times} times'}"
