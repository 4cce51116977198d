"""The one place where a check is added: its name, how its figure is compared, what it finds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol.checks import conduct, controls, coverage, sameness, soundness
from pytest_metr.protocol.checks.evidence import Evidence, Finding
from pytest_metr.types import AgentResult, CheckResult, CheckRule, EvaluationProtocol, RunRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check that a protocol can ask for.

    :param direction: how the figure must lie to the bound; ``holds`` for a check without one, which passes where
        nothing speaks against it.
    :param unit: of figure and bound: ``share`` (0 to 1), ``count``, ``points`` of a score, or ``per_hundred``.
    :param find: looks at the evidence.
    """

    direction: Literal["at_least", "at_most", "holds"]
    unit: Literal["share", "count", "points", "per_hundred"]
    description: str
    find: Callable[[Evidence], Finding]

    @property
    def among(self) -> str:
        """Which bounds make sense, in words."""
        return {
            "share": "from 0 to 1",
            "count": "of at least 0 without a fraction",
            "points": "from -1 to 1",
            "per_hundred": "from 0 to 100",
        }[self.unit]

    def good(self, bound: float) -> bool:
        """Whether a bound makes sense."""
        if self.unit == "count":
            return bound >= 0 and bound == int(bound)
        if self.unit == "per_hundred":
            return 0 <= bound <= 100
        return (0 if self.unit == "share" else -1) <= bound <= 1

    def passes(self, figure: float, bound: float | None) -> bool:
        """Whether a figure keeps the bound."""
        if self.direction == "holds" or bound is None:
            return figure == 0
        return figure >= bound if self.direction == "at_least" else figure <= bound

    def asked_for(self, bound: float | None) -> str:
        """Return the bound in words, the empty text where there is none."""
        if self.direction == "holds" or bound is None:
            return ""
        shown = f"{100 * bound:.4g} %" if self.unit == "share" else f"{bound:g}"
        return f"asked for: {self.direction.replace('_', ' ')} {shown}"


CHECKS: dict[str, Check] = {
    "coverage": Check(
        direction="at_least",
        unit="share",
        description="planned runs that have a score or were left out by the protocol's rule",
        find=coverage.coverage,
    ),
    "infrastructure_errors": Check(
        direction="at_most",
        unit="share",
        description="begun runs that something other than the agent ended",
        find=coverage.infrastructure_errors,
    ),
    "runs_per_task": Check(
        direction="at_least",
        unit="count",
        description="fewest counted runs of a task that was not left out",
        find=coverage.runs_per_task,
    ),
    "at_limit": Check(
        direction="at_most",
        unit="share",
        description="runs with a score that a limit ended",
        find=coverage.at_limit,
    ),
    "manual_scores": Check(
        direction="at_most",
        unit="count",
        description="runs that wait for a person's score",
        find=coverage.manual_scores,
    ),
    "interval_width": Check(
        direction="at_most",
        unit="points",
        description="width of the overall score's bounds",
        find=soundness.interval_width,
    ),
    "canary": Check(
        direction="at_most",
        unit="count",
        description="runs in which the task's canary was found",
        find=soundness.canary,
    ),
    "dev_test_gap": Check(
        direction="at_most",
        unit="points",
        description="mean score on dev minus mean score on test",
        find=soundness.dev_test_gap,
    ),
    "frozen": Check(
        direction="holds",
        unit="count",
        description="the agent was frozen before it was run on the test split",
        find=conduct.frozen,
    ),
    "instructions_followed": Check(
        direction="at_least",
        unit="share",
        description="runs in which the agent used its tools in each reply and handed something in",
        find=conduct.instructions_followed,
    ),
    "malformed_calls": Check(
        direction="at_most",
        unit="per_hundred",
        description="calls that could not be understood, per hundred calls",
        find=conduct.malformed_calls,
    ),
    "gave_up_early": Check(
        direction="at_most",
        unit="share",
        description="runs that the agent ended without an answer, or before it had done anything",
        find=conduct.gave_up_early,
    ),
    "refused": Check(
        direction="at_most",
        unit="share",
        description="runs in which the model, its maker or a filter declined to answer",
        find=conduct.refused,
    ),
    "oracle_passes": Check(
        direction="holds",
        unit="count",
        description="the reference solution passes every task",
        find=controls.oracle_passes,
    ),
    "noop_fails": Check(
        direction="holds",
        unit="count",
        description="doing nothing passes no task",
        find=controls.noop_fails,
    ),
    "same_versions": Check(
        direction="holds",
        unit="count",
        description="one agent, and one version of each task",
        find=sameness.same_versions,
    ),
    "same_environment": Check(
        direction="holds",
        unit="count",
        description="one image for each family",
        find=sameness.same_environment,
    ),
}


def run_checks(
    rows: Iterable[RunRow],
    result: AgentResult,
    protocol: EvaluationProtocol,
    *,
    others: Iterable[RunRow] = (),
    broken_families: int = 0,
) -> tuple[CheckResult, ...]:
    """Return what each check of *protocol* says of one agent, in the protocol's order.

    :param rows: all runs of the agent, also those without a score and of splits that the protocol leaves out.
    :param result: what the protocol says of the agent.
    :param others: the runs of the other agents of the same session or files; the controls among them are known
        by :attr:`~pytest_metr.types.RunRow.agent_kind`.
    :param broken_families: how many families could not be read.
    :raises UsageMistake: for a check that there is not, and one whose bound is missing.
    """
    evidence = Evidence.of(rows, result, protocol, others=others, broken_families=broken_families)
    return tuple(_judge(rule, evidence) for rule in protocol.checks)


def _judge(rule: CheckRule, evidence: Evidence) -> CheckResult:
    key = f"checks.{rule.name}"
    if rule.name not in CHECKS:
        raise UsageMistake(f"unknown check; expected one of {', '.join(CHECKS)}", file=evidence.protocol.file, key=key)
    check = CHECKS[rule.name]
    if check.direction != "holds" and (rule.bound is None or math.isnan(rule.bound)):
        raise UsageMistake("expected a bound", file=evidence.protocol.file, key=key)
    finding = check.find(evidence)
    asked = check.asked_for(rule.bound)
    verdict: Literal["passed", "failed", "unknown"] = "unknown"
    if finding.figure is not None:
        verdict = "passed" if check.passes(finding.figure, rule.bound) else "failed"
    return CheckResult(
        name=rule.name,
        figure=finding.figure,
        bound=rule.bound,
        verdict=verdict,
        sentence=f"{finding.sentence}; {asked}" if asked else finding.sentence,
    )
