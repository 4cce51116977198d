"""Stages of a session: brackets in rising order while the agent scores, rounds while a gate is undecided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.protocol.staging import StageRules, Staging, standing
from pytest_metr.types import (
    BY_ROUNDS,
    BY_STAGING,
    Bracket,
    Decision,
    EvaluationProtocol,
    PlannedRun,
    RunRow,
    RunsRule,
    TaskSpec,
)

BRACKETS = (Bracket(name="short", upper=10), Bracket(name="middle", upper=100), Bracket(name="long", upper=1000))
STAGED = EvaluationProtocol(name="staged", version="1", brackets=BRACKETS, staging_above=0.3)
ROUNDS = EvaluationProtocol(
    name="rounds", version="1", brackets=BRACKETS, runs=RunsRule(first=1, adaptive=True, most=3)
)
BOTH = replace(ROUNDS, staging_above=0.3)


def plan(minutes: dict[str, float | None], runs: int = 1, agents: Sequence[str] = ("a",)) -> list[PlannedRun]:
    return [
        PlannedRun(
            run_id=f"{name}-{agent}-{run}",
            nodeid=f"{name}[{agent}-run{run}]",
            task=TaskSpec(family=name, name="t", family_dir="/", family_hash="h", human_minutes=length),
            run=run,
            agent=agent,
        )
        for name, length in minutes.items()
        for agent in agents
        for run in range(1, runs + 1)
    ]


def row(planned: PlannedRun, score: float | None) -> RunRow:
    return RunRow(
        run_id=planned.run_id,
        agent=planned.agent or "",
        task_id=planned.task.id,
        family=planned.task.family,
        status="infra_error" if score is None else "scored",
        score=score,
        success=None if score is None else score > 0.9,
        human_minutes=planned.task.human_minutes,
    )


def left_out(planned: PlannedRun, decision: Decision) -> RunRow:
    return replace(row(planned, None), status="not_run", cause=decision.rule)


def nothing_to_decide(rows: Sequence[RunRow]) -> str | None:
    raise AssertionError("there are no rounds")


class Run:
    """Plays a session: every agent makes its opened runs, stage by stage, with the scores of *score*."""

    def __init__(
        self,
        protocol: EvaluationProtocol,
        planned: list[PlannedRun],
        score: Callable[[PlannedRun], float | None],
        undecided: Callable[[Sequence[RunRow]], str | None] = nothing_to_decide,
    ) -> None:
        rules = StageRules(protocol=protocol, adaptive=protocol.runs.adaptive)
        self.staging = Staging(rules, planned, undecided=undecided, left_out=left_out)
        self.rows: list[RunRow] = []
        while (stage := self.staging.open_stage) is not None:
            self.staging.decide(self.rows)
            for run in stage:
                decision = standing(run, rules, self.staging.decisions)
                self.rows.append(row(run, score(run)) if decision.opened else left_out(run, decision))
        self.made = [r.run_id for r in self.rows if r.cause is None]
        self.causes = {r.run_id: r.cause for r in self.rows if r.cause is not None}


def test_the_next_bracket_is_run_only_after_a_score_above_the_bound() -> None:
    planned = plan({"s1": 5, "s2": 6, "m": 50, "l": 500})
    played = Run(STAGED, planned, lambda run: {"s1": 1.0, "s2": 0.0, "m": 0.2}[run.task.family])
    assert played.made == ["s1-a-1", "s2-a-1", "m-a-1"]
    assert played.causes == {"l-a-1": BY_STAGING}
    sentences = [decision.sentence for decision in played.staging.decisions.values()]
    assert sentences == [
        "the first runs are always made",
        "a score of 0.5 on short is above 0.3: middle is run",
        "a score of 0.2 on middle is not above 0.3: long and all above are not run and count 0",
    ]


def test_a_score_of_exactly_the_bound_is_not_above_it() -> None:
    assert Run(STAGED, plan({"s": 5, "m": 50}), lambda run: 0.3).made == ["s-a-1"]


def test_a_closed_bracket_closes_all_above_it_with_the_same_reason() -> None:
    played = Run(STAGED, plan({"s": 5, "m": 50, "l": 500}), lambda run: 0.0)
    assert played.made == ["s-a-1"]
    middle, long = list(played.staging.decisions.values())[1:]
    assert (middle.sentence, middle.figure, middle.bound) == (long.sentence, long.figure, long.bound)
    assert (middle.stage, long.stage, long.bracket) == (1, 2, "long")


def test_runs_without_a_score_count_as_full_marks_so_that_a_broken_sandbox_closes_nothing() -> None:
    planned = plan({"s1": 5, "s2": 5, "m": 50})
    played = Run(STAGED, planned, lambda run: {"s1": 0.0, "s2": None, "m": 0.0}[run.task.family])
    assert played.made == ["s1-a-1", "s2-a-1", "m-a-1"]


def test_a_bracket_without_tasks_is_passed_over() -> None:
    assert Run(STAGED, plan({"s": 5, "l": 500}), lambda run: 1.0).made == ["s-a-1", "l-a-1"]
    assert Run(STAGED, plan({"s": 5, "l": 500}), lambda run: 0.0).made == ["s-a-1"]


def test_tasks_of_unknown_length_are_always_run_and_decide_nothing() -> None:
    played = Run(STAGED, plan({"x": None, "s": 5, "m": 50}), lambda run: 1.0 if run.task.family == "s" else 0.0)
    assert played.made == ["x-a-1", "s-a-1", "m-a-1"]


def test_each_agent_goes_as_far_as_it_comes() -> None:
    planned = plan({"s": 5, "m": 50}, agents=("good", "bad"))
    played = Run(STAGED, planned, lambda run: float(run.agent == "good"))
    assert played.made == ["s-good-1", "s-bad-1", "m-good-1"]
    assert played.causes == {"m-bad-1": BY_STAGING}


def test_without_rounds_all_runs_of_a_bracket_belong_to_its_stage() -> None:
    scores = {"s-a-1": 0.0, "s-a-2": 0.8}
    played = Run(STAGED, plan({"s": 5, "m": 50}, runs=2), lambda run: scores.get(run.run_id, 0.0))
    assert played.made == ["s-a-1", "s-a-2", "m-a-1", "m-a-2"]


def test_rounds_go_on_until_nothing_is_undecided() -> None:
    seen: list[int] = []

    def undecided(rows: Sequence[RunRow]) -> str | None:
        seen.append(len(rows))
        return "the threshold is inside" if len(rows) < 4 else None

    played = Run(ROUNDS, plan({"s": 5, "m": 50}, runs=3), lambda run: 1.0, undecided)
    assert played.made == ["s-a-1", "m-a-1", "s-a-2", "m-a-2"]
    assert played.causes == {"s-a-3": BY_ROUNDS, "m-a-3": BY_ROUNDS}
    assert seen == [2, 4]
    assert [d.sentence for d in played.staging.decisions.values()] == [
        "the first runs are always made",
        "round 2: the gate is open: the threshold is inside",
        "round 3 is not needed: the gate is decided",
    ]


def test_a_round_that_was_not_needed_ends_the_rounds() -> None:
    asked = []

    def undecided(rows: Sequence[RunRow]) -> str | None:
        asked.append(len(rows))
        return None

    played = Run(ROUNDS, plan({"s": 5}, runs=3), lambda run: 1.0, undecided)
    assert played.made == ["s-a-1"]
    assert asked == [1]


def test_later_rounds_leave_out_what_staging_left_out_and_see_it_as_zeros() -> None:
    seen: list[list[str | None]] = []

    def undecided(rows: Sequence[RunRow]) -> str | None:
        seen.append([r.cause for r in rows])
        return "open"

    played = Run(BOTH, plan({"s": 5, "m": 50}, runs=2), lambda run: 0.0, undecided)
    assert played.made == ["s-a-1", "s-a-2"]
    assert played.causes == {"m-a-1": BY_STAGING, "m-a-2": BY_STAGING}
    assert seen == [[None, BY_STAGING]]


def test_a_persons_own_test_is_never_left_out() -> None:
    planned = plan({"s": 5, "m": 50})
    own = replace(planned[1], run_id="own", nodeid="test_own.py::test", own_test=True)
    assert "own" in Run(STAGED, [*planned, own], lambda run: 0.0).made


def test_a_protocol_without_stages_has_one() -> None:
    protocol = EvaluationProtocol(name="plain", version="1", brackets=BRACKETS)
    played = Run(protocol, plan({"s": 5, "m": 50}, runs=2), lambda run: 0.0)
    assert len(played.made) == 4
    assert len(played.staging.decisions) == 1


@given(
    st.lists(st.tuples(st.sampled_from([1, 5, 20, 50, 200, 900, None]), st.floats(0, 1)), min_size=1, max_size=8),
    st.integers(1, 3),
    st.sampled_from([STAGED, ROUNDS, BOTH]),
    st.integers(0, 30),
)
@pytest.mark.filterwarnings("error")
def test_every_run_is_made_once_or_left_out_by_a_named_rule(
    tasks: list[tuple[float | None, float]], runs: int, protocol: EvaluationProtocol, enough: int
) -> None:
    planned = plan({f"t{i}": minutes for i, (minutes, _) in enumerate(tasks)}, runs=runs)
    scores = {f"t{i}": score for i, (_, score) in enumerate(tasks)}
    played = Run(
        protocol,
        planned,
        lambda run: scores[run.task.family],
        lambda rows: "open" if len(rows) < enough else None,
    )
    assert sorted([*played.made, *played.causes]) == sorted(run.run_id for run in planned)
    assert set(played.causes.values()) <= {BY_STAGING, BY_ROUNDS}
    # What was made of a bracket was made only because the one below it was passed.
    if protocol is STAGED:
        opened = [d.opened for d in played.staging.decisions.values() if d.bracket is not None]
        assert opened == sorted(opened, reverse=True)


def test_a_score_below_0_does_not_outweigh_the_tasks_that_were_solved() -> None:
    run = Run(
        STAGED, plan({"s1": 1, "s2": 2, "s3": 3, "s4": 4, "m": 50}), lambda p: -5.0 if p.task.family == "s4" else 1.0
    )
    assert run.made[-1] == "m-a-1"
