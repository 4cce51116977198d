"""Each way in which a gate could pass unnoticed, one by one: none of them does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pytest_metr.gate import Gate
from pytest_metr.types import AgentResult, CheckRule, EvaluationProtocol, RunRow, Verdict

from .fakes import ABOVE, BELOW, PROTOCOL, FakeChecks, evaluate, gate, judged, row, rule, staged_out

TASKS = ("f/a", "f/b", "g/c", "g/d")


def harmless(tasks: tuple[str, ...] = TASKS, runs: int = 1) -> list[RunRow]:
    return [row(task, run=run) for task in tasks for run in range(1, runs + 1)]


def strict(**more: object) -> Gate:
    return gate(BELOW, **{"minimum_tasks": len(TASKS), **more})


def expect_inconclusive(verdict: Verdict, reason: str) -> None:
    assert (verdict.verdict, verdict.exit_status) == ("inconclusive", 20)
    assert any(reason in found for found in verdict.reasons), verdict.reasons
    assert verdict.sentence.startswith("gate g is inconclusive: ")


def test_with_nothing_wanting_it_passes() -> None:
    verdict = judged(strict(), harmless())
    assert (verdict.verdict, verdict.exit_status, verdict.reasons) == ("passed", 0, ())
    assert verdict.sentence == "gate g passed: a keeps the rule"


@pytest.mark.parametrize("status", ["infra_error", "needs_score", "not_run"])
def test_a_run_without_a_score_is_missing_whatever_became_of_it(status: str) -> None:
    rows = [*harmless(), row("f/a", run=2, score=None, status=status, cause=None)]
    expect_inconclusive(judged(strict(), rows), f"a: 1 of 5 runs has no score ({status} 1)")


def test_a_missing_run_names_its_causes_and_the_coverage() -> None:
    rows = [row("f/a", run=run, score=None, cause="sandbox" if run < 4 else "worker_crashed") for run in range(2, 5)]
    verdict = judged(strict(minimum_coverage=0.9), [*harmless(), *rows])
    expect_inconclusive(verdict, "3 of 7 runs have no score (sandbox 2, worker_crashed 1): the coverage is 57.1 %")
    assert "and the gate asks for 90 %" in verdict.reasons[0]


def test_a_missing_run_is_no_failure_of_a_gate_either() -> None:
    rows = [*(row(task, score=1.0) for task in TASKS), row("f/a", run=2, score=None)]
    verdict = judged(strict(), rows)
    expect_inconclusive(verdict, "a: 1 of 5 runs has no score")
    assert [found.verdict for found in verdict.rules] == ["failed"]
    assert verdict.reasons[1] == verdict.rules[0].sentence


@pytest.mark.parametrize("coverage", [1.0, 0.5])
def test_a_family_that_could_not_be_read_is_missing_at_every_coverage(coverage: float) -> None:
    verdict = judged(strict(minimum_coverage=coverage), harmless(), broken_families=1)
    expect_inconclusive(verdict, "1 family could not be read, so an unknown number of runs is missing")


def test_fewer_tasks_than_asked_for() -> None:
    expect_inconclusive(judged(strict(), harmless(TASKS[1:])), "a: 3 tasks count, and the gate asks for at least 4")


def test_a_task_whose_runs_are_all_missing_does_not_count() -> None:
    rows = [*harmless(TASKS[1:]), row("f/a", score=None)]
    verdict = judged(strict(minimum_coverage=0.5), rows)
    expect_inconclusive(verdict, "a: 3 tasks count, and the gate asks for at least 4")
    expect_inconclusive(verdict, "a: 1 task has fewer than 1 run with a score: f/a (0)")


def test_a_renamed_task_that_is_listed() -> None:
    listed = gate(task_patterns=TASKS)
    assert judged(listed, harmless()).verdict == "passed"
    renamed = [*harmless(TASKS[1:]), row("f/a2")]
    expect_inconclusive(judged(listed, renamed), "a: no task that counts is f/a")


def test_globs_must_match_a_task_that_counts_each() -> None:
    assert judged(gate(task_patterns=("f/*", "?/c")), harmless()).verdict == "passed"
    verdict = judged(gate(task_patterns=("f/*", "h/*", "i/*", "j/*", "k/*", "F/*")), harmless())
    expect_inconclusive(verdict, "a: no task that counts is h/*, i/*, j/* and 2 more")


def test_an_id_may_hold_what_a_glob_gives_a_meaning() -> None:
    assert judged(gate(task_patterns=("f/[x]",)), [row("f/[x]")]).verdict == "passed"


def test_a_task_with_too_few_runs() -> None:
    rows = [*harmless(runs=2), *(row(task, run=3) for task in TASKS[1:])]
    assert judged(strict(minimum_runs=2), rows).verdict == "passed"
    expect_inconclusive(judged(strict(minimum_runs=3), rows), "a: 1 task has fewer than 3 runs with a score: f/a (2)")


def test_tasks_that_staging_left_out_count_and_need_no_runs() -> None:
    rows = [*harmless(TASKS[:3], runs=2), staged_out(TASKS[3])]
    assert judged(strict(minimum_runs=2), rows).verdict == "passed"


def test_a_task_that_is_left_out_only_in_part_needs_its_runs() -> None:
    rows = [*harmless(runs=2)[:-1], staged_out(TASKS[3], run=2)]
    expect_inconclusive(judged(strict(minimum_runs=2), rows), "g/d (1)")


def test_runs_that_nobody_asked_for_are_not_missed() -> None:
    rows = [*harmless(), row("f/a", run=2, score=None, status="not_run", cause="rounds")]
    assert judged(strict(), rows).verdict == "passed"


def test_tasks_of_another_split_help_nobody() -> None:
    protocol = replace(PROTOCOL, split="test")
    rows = [*(row(task, split="test") for task in TASKS[1:]), row("f/a", split="dev")]
    verdict = judged(strict(), rows, protocol=protocol)
    expect_inconclusive(verdict, "a: 3 tasks count, and the gate asks for at least 4")
    spoilt = [*(row(task, split="test") for task in TASKS), row("f/e", split="dev", score=None)]
    assert judged(strict(), spoilt, protocol=protocol).verdict == "passed"


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [("failed", "a: the check canary failed: this is failed"), ("unknown", "the check canary has no answer: this is")],
)
def test_a_required_check_that_does_not_pass(outcome: str, reason: str) -> None:
    checks = FakeChecks({"canary": outcome})  # type: ignore[dict-item]
    expect_inconclusive(judged(strict(checks=("canary",)), harmless(), check=checks), reason)


def test_a_required_check_that_nobody_made() -> None:
    verdict = judged(strict(checks=("canary",)), harmless(), check=FakeChecks({"same_versions": "passed"}))
    expect_inconclusive(verdict, "a: the check canary has no answer: it was not made")


def test_a_check_that_is_not_required_decides_nothing() -> None:
    checks = FakeChecks({"canary": "failed", "same_versions": "passed"})
    verdict = judged(strict(checks=("same_versions",)), harmless(), check=checks)
    assert verdict.verdict == "passed"
    assert [check.name for check in verdict.checks] == ["same_versions"]


def test_no_run_that_counts() -> None:
    verdict = judged(gate(), [row(score=None), row("f/b", score=None)])
    expect_inconclusive(verdict, "a: 0 tasks count, and the gate asks for at least 1")


def test_a_missing_run_counts_as_a_success_for_below_and_as_a_failure_for_above() -> None:
    rows = [*(row(run=run) for run in range(1, 10)), row(run=10, score=None)]
    below = judged(gate(rule(threshold=0.15), minimum_coverage=0.9), rows)
    assert below.rules[0].estimate.value == pytest.approx(0.1)
    assert below.verdict == "inconclusive"
    assert below.reasons[0].endswith(", with 1 missing run counted in the worst way")
    assert judged(gate(rule(threshold=0.25), minimum_coverage=0.9), rows).verdict == "passed"

    able = [*(row(run=run, score=1.0) for run in range(1, 10)), row(run=10, score=None)]
    above = judged(gate(rule(must_stay="above", threshold=0.85), minimum_coverage=0.9), able)
    assert above.rules[0].estimate.value == pytest.approx(0.9)
    assert above.verdict == "inconclusive"
    assert judged(gate(rule(must_stay="above", threshold=0.75), minimum_coverage=0.9), able).verdict == "passed"


def test_missing_runs_alone_do_not_make_a_rule_fail() -> None:
    rows = [*(row(run=run) for run in range(1, 6)), *(row(run=run, score=None) for run in range(6, 11))]
    verdict = judged(gate(rule(threshold=0.3), minimum_coverage=0.5), rows)
    judged_interval = verdict.rules[0].judged
    assert judged_interval is not None
    assert [judged_interval.low, judged_interval.high] == pytest.approx([-0.1, 0.6])
    assert verdict.verdict == "inconclusive"


def test_a_missing_run_is_worth_the_agents_best_and_worst_scores_beyond_0_and_1() -> None:
    rows = [row(score=5.0), row(run=2, score=-3.0), row(run=3, score=0.0), row(run=4, score=None)]
    loose = gate(rule(threshold=0.9), rule(must_stay="above", threshold=0.1), minimum_coverage=0.5)
    below, above = judged(loose, rows).rules
    assert (below.estimate.value, above.estimate.value) == (7 / 4, -1 / 4)


def test_a_missing_run_is_as_heavy_as_the_heaviest() -> None:
    seen: list[float | None] = []

    def weigh(rows: Sequence[RunRow], protocol: EvaluationProtocol) -> AgentResult:
        seen.extend(found.weight for found in rows)
        return evaluate(rows, protocol)

    rows = [row(weight=0.2), row(run=2, weight=0.8), row(run=3, score=None)]
    judged(gate(minimum_coverage=0.5), rows, evaluate=weigh)
    assert seen == [0.2, 0.8, None, *[0.2, 0.8, 0.8] * 3]


def test_one_agent_of_several_is_enough() -> None:
    fine, spoilt = harmless(), [row(task, agent="b") for task in TASKS[1:]]
    verdict = judged(strict(), [*fine, *spoilt])
    expect_inconclusive(verdict, "b: 3 tasks count")
    assert [found.agent for found in verdict.rules] == ["a", "b"]


def test_a_broken_rule_of_a_complete_session_fails_even_beside_an_open_one() -> None:
    rows = [row(task, score=1.0) for task in TASKS]
    verdict = judged(strict(rules=(rule("time_horizon_p80"), BELOW, ABOVE)), rows)
    assert (verdict.verdict, verdict.exit_status) == ("failed", 1)
    assert [found.verdict for found in verdict.rules] == ["inconclusive", "failed", "passed"]
    assert verdict.reasons == (verdict.rules[1].sentence, verdict.rules[0].sentence)
    assert verdict.sentence == f"gate g failed: {verdict.rules[1].sentence} (and 1 more reason)"


def test_checks_of_the_protocol_that_the_gate_does_not_name_are_not_made() -> None:
    checks = FakeChecks({"canary": "failed"})
    judged(strict(), harmless(), check=checks, protocol=replace(PROTOCOL, checks=(CheckRule(name="canary"),)))
    assert checks.asked == []
