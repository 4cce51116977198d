"""What a reader must know beside the numbers, as sentences: gaps, warnings, checks, and what the numbers depend on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from pytest_metr.report.results.numbers import format_duration, format_score, three_digits
from pytest_metr.types import AgentResult, Estimate, EvaluationProtocol, ScoreResult

Kind = Literal["coverage", "bounds", "warning", "check failed", "checks unknown", "check unknown", "check passed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A sentence about one or several agents."""

    kind: Kind
    agents: tuple[str, ...]
    sentence: str


def remarks(result: ScoreResult, *, verbose: bool = False) -> list[Remark]:
    """Return all remarks; those that say the same of several agents are one.

    :param verbose: whether to return every check with its sentence. Otherwise a check that failed for several agents
        is one remark with the first one's sentence, unknown checks are named and those that passed are left out.
    """
    found = _grouped((agent.agent, kind, sentence) for agent in result.agents for kind, sentence in _of(agent, result))
    return found + (_every_check(result.agents) if verbose else _short_checks(result.agents))


def about(remark: Remark, everybody: int) -> str:
    """Return whom a remark is about: up to three names, else how many, or that it is everybody of several."""
    if len(remark.agents) == everybody > 1:
        return "all agents"
    return ", ".join(remark.agents) if len(remark.agents) <= 3 else f"{len(remark.agents)} agents"


def checks_line(result: ScoreResult) -> str | None:
    """Return how many checks there were and how they ended; None where there were none."""
    verdicts = [check.verdict for agent in result.agents for check in agent.checks]
    if not verdicts:
        return None
    others = [f"{verdicts.count(v)} {v}" for v in ("failed", "unknown") if v in verdicts]
    return ", ".join([f"checks: {verdicts.count('passed')} of {len(verdicts)} passed", *others])


def protocol_line(protocol: EvaluationProtocol) -> str:
    """Return everything that a number depends on beside the runs."""
    threshold = protocol.success_threshold
    fitted_to = "scores" if protocol.fractional else "successes"
    parts = [
        f"weights {protocol.weighting}",
        "success above each task's own threshold" if threshold is None else f"success above {threshold:g}",
        f"horizon fitted to {fitted_to} with penalty {protocol.regularization:g}",
        f"{three_digits(100 * protocol.confidence)} % intervals from {protocol.draws} draws",
        f"seed {protocol.seed}",
        "all splits" if protocol.split is None else f"split {protocol.split}",
    ]
    if protocol.sha256:
        parts.append(f"sha256:{protocol.sha256[:12]}")
    return f"protocol {protocol.name} {protocol.version}: {', '.join(parts)}"


def _grouped(told: Iterable[tuple[str, Kind, str]]) -> list[Remark]:
    agents: dict[tuple[Kind, str], dict[str, None]] = {}
    for agent, kind, sentence in told:
        agents.setdefault((kind, sentence), {})[agent] = None
    found = [Remark(kind=kind, agents=tuple(names), sentence=sentence) for (kind, sentence), names in agents.items()]
    return sorted(found, key=lambda remark: get_args(Kind).index(remark.kind))


def _of(agent: AgentResult, result: ScoreResult) -> Iterator[tuple[Kind, str]]:
    if agent.missing:
        yield "coverage", f"{_runs(agent.missing)} without a score, in no number here{_floor(agent)}"
    if agent.zeros_by_rule:
        yield "coverage", f"{_runs(agent.zeros_by_rule)} left out by staging, each a failure with score 0 by rule"
    for sentence in _wider_bounds(agent, result.protocol):
        yield "bounds", sentence
    for warning in (*agent.warnings, *agent.horizon.warnings):
        yield "warning", warning


def _floor(agent: AgentResult) -> str:
    if agent.floor is None:
        return ""
    score, _ = format_score(Estimate(value=agent.floor))
    return f"; the overall score is {score} where each counts 0"


def _wider_bounds(agent: AgentResult, protocol: EvaluationProtocol) -> Iterator[str]:
    """Say where the interval that is shown leaves draws out, because a gate does not."""
    for percent, estimate in agent.horizon.at.items():
        if _tells_more(estimate) and estimate.bounds is not None:
            ends = f"[{format_duration(estimate.bounds.low)}, {format_duration(estimate.bounds.high)}]"
            yield (
                f"{estimate.left_out} of {protocol.draws} draws have no horizon; "
                f"with them the bounds at {percent} % are {ends}"
            )


def _tells_more(estimate: Estimate) -> bool:
    finite = estimate.problem is None and estimate.left_out > 0
    return finite and estimate.interval is not None and estimate.bounds != estimate.interval


def _every_check(agents: Sequence[AgentResult]) -> list[Remark]:
    kinds: dict[str, Kind] = {"failed": "check failed", "unknown": "check unknown", "passed": "check passed"}
    return _grouped(
        (agent.agent, kinds[check.verdict], f"{check.name}: {check.sentence}")
        for agent in agents
        for check in agent.checks
    )


def _short_checks(agents: Sequence[AgentResult]) -> list[Remark]:
    failed: dict[str, list[tuple[str, str]]] = {}
    unknown: dict[str, list[str]] = {}
    for agent in agents:
        for check in agent.checks:
            if check.verdict == "failed":
                failed.setdefault(check.name, []).append((agent.agent, check.sentence))
            elif check.verdict == "unknown":
                unknown.setdefault(check.name, []).append(agent.agent)
    remarks = []
    for name, told in failed.items():
        sentence = told[0][1] if len({sentence for _, sentence in told}) == 1 else f"{told[0][0]}: {told[0][1]}"
        agents_of = tuple(agent for agent, _ in told)
        remarks.append(Remark(kind="check failed", agents=agents_of, sentence=f"{name}: {sentence}"))
    together: dict[tuple[str, ...], list[str]] = {}
    for name, names in unknown.items():
        together.setdefault(tuple(names), []).append(name)
    return remarks + [
        Remark(kind="checks unknown", agents=names, sentence=", ".join(checks)) for names, checks in together.items()
    ]


def _runs(number: int) -> str:
    return "1 run" if number == 1 else f"{number} runs"
