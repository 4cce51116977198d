"""Which runs are to be read, and the random samples among them."""

from __future__ import annotations

import fnmatch
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pytest_metr.errors import UsageMistake
from pytest_metr.report.labels import add_sample
from pytest_metr.types import Finding, RunRecord, Sample, now

Which = Literal["failed", "passed", "at_limit", "disputed", "all"]
#: More runs than anybody reads.
_MOST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is to be read.

    :param agent: whose runs; None for all agents'.
    :param task: a task id or a glob; None for all tasks.
    :param unread_by: a reader whose own runs with a label are left out; None for nobody.
    """

    which: Which = "failed"
    agent: str | None = None
    task: str | None = None
    unread_by: str | None = None


def readable(runs: Sequence[RunRecord]) -> list[RunRecord]:
    """Return the runs that can be labelled: agents' own unguided ones that have a score."""
    return [run for run in runs if run.own and run.success is not None]


def chosen(runs: Sequence[RunRecord], choice: Choice, findings: Mapping[str, Finding]) -> list[RunRecord]:
    """Return the runs to be read, in the order of the report.

    :raises UsageMistake: where there are none.
    """
    found = [run for run in readable(runs) if _fits(run, choice, findings)]
    if not found:
        what = {"at_limit": "run that a limit ended", "disputed": "disputed run", "all": "run with a score"}
        words = [f"expected a {what.get(choice.which, f'{choice.which} run')}"]
        words += [f"of agent {choice.agent}"] if choice.agent is not None else []
        words += [f"of a task {choice.task}"] if choice.task is not None else []
        words += [f"that {choice.unread_by} has not read"] if choice.unread_by is not None else []
        raise UsageMistake(f"{' '.join(words)}, found none")
    return found


def _fits(run: RunRecord, choice: Choice, findings: Mapping[str, Finding]) -> bool:
    finding = findings.get(run.run_id)
    if choice.agent is not None and run.agent != choice.agent:
        return False
    if choice.task is not None and not (run.task_id == choice.task or fnmatch.fnmatchcase(run.task_id, choice.task)):
        return False
    if choice.unread_by is not None and finding is not None and choice.unread_by in finding.labels:
        return False
    if choice.which == "at_limit":
        return run.limit_hit is not None
    if choice.which == "disputed":
        return finding is not None and finding.disputed
    return choice.which == "all" or run.success is (choice.which == "passed")


def sampled(
    folder: Path,
    runs: Sequence[RunRecord],
    samples: Sequence[Sample],
    *,
    agent: str,
    population: Literal["failed", "passed"],
    size: int,
    seed: int,
    reviewer: str,
) -> list[RunRecord]:
    """Return a random sample of an agent's runs, in the order in which they are to be read, and write the draw down.

    Any beginning of the order is a simple random sample of the population, so a sample can be read in part, and made
    larger later: with the same seed the order is the same. One that was written down before is not drawn again.

    :param folder: of the session.
    :param samples: those that were drawn before.
    :raises UsageMistake: where there are fewer such runs than *size*, or others than when this sample was drawn.
    :raises InfrastructureError: where the draw cannot be written down.
    """
    there = _population(runs, agent, population)
    if not 1 <= size <= min(len(there), _MOST):
        message = f"expected a number from 1 to {len(there)}, the {population} runs of {agent}, found {size}"
        raise UsageMistake(message, key="--sample")
    order = random.Random(f"{seed}:{agent}:{population}").sample(sorted(there), len(there))[:size]
    before = [s for s in samples if (s.agent, s.population, s.seed) == (agent, population, seed)]
    for sample in before:
        _expect_the_same(sample, order, len(there))
    if not any(len(sample.runs) >= size for sample in before):
        add_sample(
            folder,
            Sample(
                agent=agent,
                population=population,
                of=len(there),
                runs=tuple(order),
                seed=seed,
                reviewer=reviewer,
                at=now(),
            ),
        )
    return [there[run_id] for run_id in order]


def _population(runs: Sequence[RunRecord], agent: str, population: str) -> dict[str, RunRecord]:
    passed = population == "passed"
    return {run.run_id: run for run in readable(runs) if run.agent == agent and run.success is passed}


def _expect_the_same(sample: Sample, order: Sequence[str], of: int) -> None:
    """Refuse to go on with a sample that was drawn from other runs."""
    common = min(len(sample.runs), len(order))
    if sample.of != of or list(sample.runs[:common]) != list(order[:common]):
        message = f"a sample with seed {sample.seed} was drawn at {sample.at} from other runs than there are now"
        raise UsageMistake(f"{message}; take another seed", key="--seed")
