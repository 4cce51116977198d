"""Reading a gate file, strictly: what is wrong is told with file, key and expectation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, cast

from pytest_metr.documents import read_document
from pytest_metr.fields import Fields, describe, suggestion
from pytest_metr.gate.metrics import is_horizon, is_metric
from pytest_metr.gate.model import Gate, Rule
from pytest_metr.gate.quantities import Unexpected, factor, minutes, points, share
from pytest_metr.gate.words import quantity
from pytest_metr.types import METRIC_FORMS

#: The lowest confidence that a gate may ask for; below it an interval says next to nothing.
LOWEST_CONFIDENCE = 0.5


def load_gate(path: Path) -> Gate:
    """Read a gate file.

    :raises UsageMistake: where it cannot be read, or anything in it is not as docs/gate.md says.
    """
    fields = read_document(path)
    name = fields.optional_text("gate")
    if name is not None and not name.strip():
        fields.wrong("gate", "expected a name, found an empty text")
    minimum_tasks, task_patterns = _tasks(fields)
    gate = Gate(
        name=path.stem if name is None else name,
        file=str(path),
        rules=_rules(fields),
        minimum_tasks=minimum_tasks,
        task_patterns=task_patterns,
        minimum_runs=fields.whole("minimum_runs", "of at least 1", lambda n: n >= 1) or 1,
        agents=_names(fields, "agents"),
        checks=_names(fields, "checks"),
        confidence=_confidence(fields),
        minimum_coverage=_converted(fields, "minimum_coverage", share, default=1.0),
    )
    fields.finish()
    return gate


def _tasks(fields: Fields) -> tuple[int, tuple[str, ...]]:
    expected = "the least number of tasks that must count, or a list of task ids and globs"
    value = fields.value("tasks", expected)
    if isinstance(value, list):
        return 1, _names(fields, "tasks")
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        fields.wrong("tasks", f"expected {expected}, found {describe(value)}")
    return value, ()


def _names(fields: Fields, key: str) -> tuple[str, ...]:
    items = fields.items(key)
    if key in fields and not items:
        fields.wrong(key, "expected at least one name, found an empty list")
    for index, item in enumerate(items):
        if not isinstance(item, str) or not item.strip():
            fields.wrong(f"{key}[{index}]", f"expected a name, found {describe(item)}")
        if item in items[:index]:
            fields.wrong(f"{key}[{index}]", f"expected each name once, found {item!r} again")
    return tuple(items)


def _confidence(fields: Fields) -> float | None:
    value = fields.value("confidence")
    if "confidence" not in fields:
        return None
    confidence = _converted(fields, "confidence", share)
    if not LOWEST_CONFIDENCE <= confidence < 1:
        fields.wrong("confidence", f"expected at least {LOWEST_CONFIDENCE:g} and below 1, found {describe(value)}")
    return confidence


def _rules(fields: Fields) -> tuple[Rule, ...]:
    items = fields.value("rules", "a list of rules, each with metric, must_stay and threshold")
    if not isinstance(items, list) or not items:
        fields.wrong("rules", f"expected a list of rules, found {describe(items)}")
    return tuple(_rule(fields.nested(item, f"rules[{index}]")) for index, item in enumerate(items))


def _rule(fields: Fields) -> Rule:
    name = fields.optional_text("name")
    metric = fields.text("metric")
    if not is_metric(metric):
        fields.wrong(
            "metric", f"expected one of {', '.join(METRIC_FORMS)}, found {metric!r}{suggestion(metric, METRIC_FORMS)}"
        )
    must_stay = fields.choice("must_stay", ("below", "above"))
    if must_stay is None:
        fields.wrong("must_stay", "missing; expected below or above")
    threshold = _threshold(fields, metric, must_stay)
    margin = _margin(fields, metric, must_stay)
    fields.finish()
    return Rule(
        name=name or f"{metric} {must_stay} {quantity(metric, threshold)}",
        metric=metric,
        must_stay=cast(Literal["below", "above"], must_stay),
        threshold=threshold,
        margin=margin,
    )


def _threshold(fields: Fields, metric: str, must_stay: str) -> float:
    fields.value("threshold", "human minutes" if is_horizon(metric) else "a share from 0 to 1")
    threshold = _converted(fields, "threshold", minutes if is_horizon(metric) else share)
    if not is_horizon(metric) and threshold == (0.0 if must_stay == "below" else 1.0):
        fields.wrong("threshold", f"expected one that can be kept: no score is {must_stay} {threshold:g}")
    return threshold


def _margin(fields: Fields, metric: str, must_stay: str) -> float:
    none = 1.0 if is_horizon(metric) else 0.0
    margin = _converted(fields, "margin", factor if is_horizon(metric) else points, default=none)
    if "margin" in fields and must_stay == "above":
        fields.wrong("margin", "expected none with must_stay: above; it stands for capability that was not elicited")
    return margin


def _converted(fields: Fields, key: str, convert: Callable[[object], float], *, default: float | None = None) -> float:
    value = fields.value(key)
    if default is not None and key not in fields:
        return default
    try:
        return convert(value)
    except Unexpected as problem:
        fields.wrong(key, str(problem))
