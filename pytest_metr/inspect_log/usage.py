"""What runs used and were allowed, in Inspect's terms."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from inspect_ai.log import EvalSampleLimit
from inspect_ai.model import ModelUsage as InspectUsage

from pytest_metr.inspect_log.clean import clean_text, number
from pytest_metr.types import LimitHit, ModelUsage, TokenCounts

LimitType = Literal["time", "working", "token", "cost", "custom"]

#: Our limits -> Inspect's. It has none that counts actions: its messages and turns are something else.
LIMIT_TYPES: Mapping[str, LimitType] = {
    "wall_seconds": "time",
    "working_seconds": "working",
    "tokens": "token",
    "cost": "cost",
    "actions": "custom",
}


def inspect_usage(tokens: TokenCounts, cost: float | None) -> InspectUsage:
    """Return counts of tokens; Inspect's input has neither what was read from caches nor what was written to them."""
    return InspectUsage(
        input_tokens=max(0, tokens.input - tokens.cached - tokens.cache_written),
        output_tokens=tokens.output,
        total_tokens=tokens.total,
        input_tokens_cache_write=tokens.cache_written,
        input_tokens_cache_read=tokens.cached,
        reasoning_tokens=tokens.reasoning,
        total_cost=number(cost),
    )


def token_counts(data: Any) -> TokenCounts:
    """Return the counts of tokens of an event; 0 for what is no count."""
    counts = data if isinstance(data, Mapping) else {}
    return TokenCounts(**{name: _count(counts.get(name)) for name in TokenCounts.__dataclass_fields__})


def usage_by_model(used: Iterable[ModelUsage]) -> dict[str, InspectUsage]:
    """Return what was used of each model, added up. A model has a cost where all that was used of it has one."""
    tokens: dict[str, TokenCounts] = {}
    costs: dict[str, float | None] = {}
    for each in used:
        name = clean_text(each.model)
        cost = costs.get(name, 0.0)
        tokens[name] = tokens.get(name, TokenCounts()) + each.tokens
        costs[name] = None if cost is None or each.cost is None else cost + each.cost
    return {name: inspect_usage(tokens[name], costs[name]) for name in tokens}


def sample_limit(hit: LimitHit) -> EvalSampleLimit:
    """Return the limit that ended a run."""
    return EvalSampleLimit(type=LIMIT_TYPES.get(hit.name, "custom"), limit=number(hit.allowed) or 0.0)


def whole(value: float | None) -> int | None:
    """Return a limit as the whole number that Inspect wants, rounded up."""
    exact = number(value)
    return None if exact is None else math.ceil(exact)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else 0
