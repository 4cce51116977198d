"""Rules about controls: a scorer that nobody has tried to mislead has not been tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_metr.collect.controls import ControlPlan
from pytest_metr.family_layout import CONTROLS, CONTROLS_FILE
from pytest_metr.lint.findings import Finding
from pytest_metr.lint.view import FamilyView

FEWEST = 3
#: A wider range says little.
_WIDEST = 0.4
#: Of a partially scored family, this many controls with different scores between 0 and 1.
DISTINCT = 4


def controls(view: FamilyView) -> Iterator[Finding]:
    """Find tasks whose scorer is not shown to tell attempts apart."""
    plans = view.controls
    if plans is None:
        yield _finding(view, "", "expected at least three wrong or partial attempts, found no such file")
        return
    for task in view.tasks:
        yield from _of_task(view, task, [plan for plan in plans if task in plan.ranges])
    kinds = {plan.kind for plan in plans}
    if "gaming" not in kinds:
        yield _finding(view, "", "expected an attempt to deceive the scorer (kind gaming), found none")
    partial = [task for task in view.tasks if view.meta(task).get("scoring") == "partial"]
    middles = {plan.ranges[task] for plan in plans for task in partial if task in plan.ranges and _between(plan, task)}
    if partial and len(middles) < DISTINCT:
        message = f"expected at least {DISTINCT} different scores between 0 and 1, found {len(middles)}"
        yield _finding(view, "", f"{message}: of {', '.join(partial)}, which are scored in part")


def _between(plan: ControlPlan, task: str) -> bool:
    lowest, highest = plan.ranges[task]
    return highest > 0 and lowest < 1


def _of_task(view: FamilyView, task: str, plans: Sequence[ControlPlan]) -> Iterator[Finding]:
    threshold = view.family.task(task).success_threshold
    if len(plans) < FEWEST:
        yield _finding(view, task, f"expected at least {FEWEST} controls, found {len(plans)}")
    if not any(plan.kind == "empty" for plan in plans):
        yield _finding(view, task, "expected one of the kind empty, found none")
    if not any(plan.kind in ("wrong", "partial") for plan in plans):
        yield _finding(view, task, "expected one of the kinds wrong or partial, found none")
    for plan in plans:
        lowest, highest = plan.ranges[task]
        where = f"{plan.name}.scores.{task}"
        if plan.kind == "empty" and (lowest, highest) != (0, 0):
            yield _finding(view, where, "expected 0: nothing is done")
        if highest >= 1 or (plan.kind != "partial" and highest > threshold):
            most = "less than 1" if plan.kind == "partial" else f"at most the threshold {threshold:g}"
            yield _finding(view, where, f"expected {most}: it is no solution")
        if highest - lowest > _WIDEST:
            yield _finding(view, where, f"expected a range of at most {_WIDEST}: a wider one says little")


def _finding(view: FamilyView, where: str, message: str) -> Finding:
    return Finding(rule="controls", file=str(view.dir / CONTROLS / CONTROLS_FILE), where=where, message=message)
