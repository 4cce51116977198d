"""Red flags, each with the runs that raise it."""

from __future__ import annotations

import math
from typing import Any

from pytest_metr.report.flags import red_flags
from pytest_metr.types import (
    CorrectedResult,
    Elicitation,
    Estimate,
    Finding,
    HorizonResult,
    LabelName,
    RunRecord,
    ScoreEntry,
    Usage,
)
from tests.unit.report.records import make_plan, make_record, make_task


def run(task: str = "f/t", score: float | None = 0.0, minutes: float | None = 10.0, **more: Any) -> RunRecord:
    fields = {"usage": Usage(actions=3), **more}
    return make_record(make_plan(make_task(task, minutes)), score=score, **fields)


def raised(*runs: RunRecord, **findings: Finding) -> dict[str, tuple[str, ...]]:
    by_run = {finding.run_id: finding for finding in findings.values()}
    return {flag.name: flag.runs for flag in red_flags(runs, by_run, None)}


def logged(*scores: float) -> tuple[ScoreEntry, ...]:
    return tuple(ScoreEntry(score=score, scored_at="", elapsed_seconds=n) for n, score in enumerate(scores))


def test_runs_that_are_as_they_should_be_raise_nothing() -> None:
    assert raised(run(), run("g/t", 1.0, intermediate_scores=logged(0.5, 1.0), canary_found=False)) == {}
    assert raised() == {}


def test_each_flag_names_its_runs() -> None:
    canary = run("a/t", canary_found=True)
    idle = run("b/t", 1.0, usage=Usage())
    lost = run("c/t", 0.5, intermediate_scores=logged(0.2, 0.7))
    complains = run("d/t", scoring_output={"stdout": "", "stderr": "warning: no file\n"})
    assert raised(canary, idle, lost, complains, run()) == {
        "canary": (canary.run_id,),
        "success_without_work": (idle.run_id,),
        "lost_score": (lost.run_id,),
        "scoring_complained": (complains.run_id,),
    }


def test_a_log_that_ends_without_a_score_has_lost_nothing() -> None:
    assert raised(run(score=0.5, intermediate_scores=logged(math.nan)), run(score=None, status="infra_error")) == {}


def test_a_longer_task_of_a_family_is_passed_although_a_shorter_one_never_is() -> None:
    short, long, other = run("f/short", 0.0, 10.0), run("f/long", 1.0, 40.0), run("g/long", 1.0, 40.0)
    assert raised(short, long, other) == {"longer_not_shorter": (long.run_id,)}
    assert raised(short, run("f/short", 1.0, 10.0, run_id="again"), long) == {}
    assert raised(short, run("f/long", 1.0, 39.0)) == {}
    assert raised(short, run("f/long", 1.0, None)) == {}


def test_what_readers_doubt_and_what_they_dispute() -> None:
    good, bad = run("f/good", 1.0), run("f/bad")
    doubt = Finding(run_id=good.run_id, label="success_doubtful", labels={"ada": "success_doubtful"})
    dispute = Finding(run_id=bad.run_id, label=None, labels={"ada": "real", "bo": "spurious"})
    assert raised(good, bad, a=doubt, b=dispute) == {"doubtful_success": (good.run_id,), "disputed": (bad.run_id,)}


def test_a_doubt_that_was_settled_is_none() -> None:
    good, bad = run("f/good", 1.0), run("f/bad")
    both: dict[str, LabelName] = {"ada": "success_doubtful", "bo": "real"}
    settled = Finding(run_id=good.run_id, label="real", labels=both, settled=True)
    assert raised(good, a=settled) == {}
    disputed = Finding(run_id=good.run_id, label=None, labels=both)
    assert raised(good, a=disputed) == {"doubtful_success": (good.run_id,), "disputed": (good.run_id,)}
    # A label that was given to what is a failure by now is no doubt about a success.
    assert raised(bad, a=Finding(run_id=bad.run_id, label="success_doubtful", labels=both)) == {}


def test_handing_in_at_once_is_no_work() -> None:
    """To submit is an action as well."""
    lucky = run("f/t", 1.0, usage=Usage(actions=1), observed={"submitted_at_once": 1})
    assert raised(lucky) == {"success_without_work": (lucky.run_id,)}
    assert raised(run("f/t", 1.0, usage=Usage(actions=1))) == {}


def test_a_task_of_no_time_makes_no_other_long() -> None:
    assert raised(run("f/short", 0.0, 0.0), run("f/other", 1.0, 10.0)) == {}


def test_an_agent_whose_spurious_failures_are_worth_much_is_badly_elicited() -> None:
    def corrected(upper: float | None) -> Elicitation:
        results = tuple(
            CorrectedResult(
                name=name,  # type: ignore[arg-type]
                changed=0,
                inferred=0,
                overall_score=Estimate(value=value),
                success_rate=Estimate(value=value),
                horizon=HorizonResult(intercept=None, slope=None),
            )
            for name, value in (("as_measured", 0.2), ("upper_bound", upper))
        )
        return Elicitation(agent="a", read=(), inferred=False, corrected=results)

    [flag] = red_flags([], {}, corrected(0.45))
    assert (flag.name, "25.0 points higher" in flag.sentence) == ("badly_elicited", True)
    assert red_flags([], {}, corrected(0.3)) == red_flags([], {}, corrected(None)) == ()
