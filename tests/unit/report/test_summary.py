"""What the terminal shows at the end."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import load_protocol
from pytest_metr.report import summary_lines
from pytest_metr.types import AgentSpec, BrokenFamily, Decision, LimitHit, RunRecord

from .records import (
    broken,
    make_plan,
    make_record,
    make_session,
    make_task,
    many_records,
    properties,
    report_of,
    texts,
)

GPT = AgentSpec(name="gpt", kind="command", model="gpt-4-0613", scaffold="react")
SHORT, HOUR = make_task("reverse_hash/abandon", 2.5), make_task("crypto/caesar", 45)


def all_is_well() -> dict[str, Any]:
    plans = [make_plan(SHORT, 1), make_plan(SHORT, 2), make_plan(HOUR)]
    records = [
        make_record(plans[0], "scored", 1.0),
        make_record(plans[1], "limit", 0.0, limit_hit=LimitHit(name="wall_seconds", allowed=60)),
        make_record(plans[2], "scored", 0.95),
    ]
    return report_of(plans, records, session=make_session(GPT))


def much_is_wrong() -> dict[str, Any]:
    long = make_task("crypto/a_name_that_is_far_too_long_for_a_line_of_eighty_columns_by_itself", 120)
    plans = [make_plan(SHORT, 1), make_plan(SHORT, 2), make_plan(HOUR, 1), make_plan(HOUR, 2), make_plan(long)]
    records = [
        make_record(plans[0], "scored", 1.0),
        make_record(plans[1], "infra_error", failure=broken("sandbox")),
        make_record(plans[2], "needs_score"),
        make_record(plans[4], "infra_error", failure=broken("task_score")),
    ]
    family = BrokenFamily(
        folder="tasks/bad", message="manifest.yaml: tasks.main.resources.cpus: expected a number above 0, found 'many'"
    )
    return report_of(
        plans,
        records,
        session=make_session(GPT),
        not_run={plans[3].run_id: broken("interrupted", "not_run")},
        broken_families=[family],
        notes=["the teardown of x failed:\n\x1b[31mred"],
        files={"report": "metr-runs/now-gpt/report.json", "journal": "metr-runs/now-gpt/journal.jsonl"},
    )


#: What the numbers depend on, as it stands at the end.
PROTOCOL = (
    "protocol plain 2: weights recorded, success above each task's own threshold,\n"
    "  horizon fitted to successes with penalty 0.1, 95 % intervals from 40 draws,\n"
    f"  seed 0, all splits, sha256:{load_protocol('plain').sha256[:12]}\n"
)


def shown(report: dict[str, Any], *, width: int = 80, verbose: bool = False) -> str:
    return "\n".join(summary_lines(report, width=width, verbose=verbose)) + "\n"


def test_a_session_without_trouble_is_a_table_and_a_number() -> None:
    assert shown(all_is_well()) == (
        "agent gpt (model gpt-4-0613, scaffold react)\n"
        "\n"
        "                                                            infra\n"
        "bracket        tasks  runs  passed  score        interval  errors\n"
        "few_minutes        1     2       1  0.500  [0.000, 1.000]       0\n"
        "under_an_hour      1     1       1  0.950  [0.000, 1.000]       0\n"
        "all                2     3       2                              0\n"
        "\n"
        "overall score 0.650 [0.315, 0.984] (3 runs of 2 tasks)\n"
        "time horizon: none (not falling)\n"
        "\n"
        "warning: success does not fall with human minutes, so there is no horizon\n"
        "checks: 5 of 17 passed; failed: at_limit, interval_width; unknown: canary,\n"
        "  dev_test_gap, frozen, instructions_followed, malformed_calls, gave_up_early,\n"
        "  refused, oracle_passes, noop_fails, same_environment\n" + PROTOCOL
    )


def test_everything_that_a_reader_must_know_is_said() -> None:
    assert shown(much_is_wrong()) == (
        "agent gpt (model gpt-4-0613, scaffold react)\n"
        "\n"
        "                                                            infra  needs  not\n"
        "bracket        tasks  runs  passed  score        interval  errors  score  run\n"
        "few_minutes        1     2       1  1.000  [0.025, 1.000]       1      0    0\n"
        "under_an_hour      1     2       0      -                       0      1    1\n"
        "few_hours          1     1       0      -                       1      0    0\n"
        "all                3     5       1                              2      1    1\n"
        "\n"
        "overall score 1.000 [0.025, 1.000] (1 run of 1 task), without the 4 runs that\n"
        "  should have a score and have none; 0.200 if they counted 0\n"
        "time horizon: none (all succeed)\n"
        "\n"
        "coverage: 1 of 5 runs finished; 2 infrastructure errors (sandbox 1, task_score\n"
        "  1), 1 needs a score, 1 not run (interrupted 1)\n"
        "warning: all runs are of one family: the interval does not tell how other\n"
        "  families would go\n"
        "checks: 1 of 17 passed; failed: coverage, infrastructure_errors, runs_per_task,\n"
        "  manual_scores, interval_width; unknown: canary, dev_test_gap, frozen,\n"
        "  instructions_followed, malformed_calls, gave_up_early, refused, oracle_passes,\n"
        "  noop_fails, same_versions, same_environment\n"
        "broken family tasks/bad: manifest.yaml: tasks.main.resources.cpus: expected a\n"
        "  number above 0, found 'many'\n"
        "note: the teardown of x failed: ?[31mred\n" + PROTOCOL + "\n"
        "report   metr-runs/now-gpt/report.json\n"
        "journal  metr-runs/now-gpt/journal.jsonl\n"
    )


def test_where_a_protocol_left_runs_out_its_reason_is_told_once_for_each_agent() -> None:
    closed = Decision(agent="gpt", stage=1, round=None, bracket="b", opened=False, rule="staging", sentence="too low")
    report = report_of([], [make_record(make_plan(SHORT), "scored", 0.0)], decisions=[closed, replace(closed, stage=2)])
    assert shown(report).count("staging: too low\n") == 1
    others = [replace(closed, agent=name, sentence=name) for name in ("one", "two")]
    session = make_session(AgentSpec(name="one", kind="noop"), AgentSpec(name="two", kind="noop"))
    text = shown(report_of([], [], session=session, decisions=others))
    assert "staging: one: one\nstaging: two: two\n" in text


def test_verbose_tells_what_the_checks_found() -> None:
    text = shown(all_is_well(), verbose=True, width=200)
    assert "check failed: at_limit: a limit ended 1 of 3 runs" in text
    assert "check unknown: oracle_passes: " in text


def test_verbose_shows_the_tasks_too() -> None:
    lines = summary_lines(much_is_wrong(), width=80, verbose=True)
    start = lines.index("task                                                minutes  runs  passed  score")
    assert lines[start - 1 : start + 4] == [
        "                                                                            mean",
        "task                                                minutes  runs  passed  score",
        "reverse_hash/abandon                                    2.5     2       1  1.000",
        "crypto/caesar                                            45     2       0      -",
        "crypto/a_name_that_is_fa...ighty_columns_by_itself      120     1       0      -",
    ]


def test_several_agents_stand_one_below_the_other() -> None:
    one, two = AgentSpec(name="one", kind="noop"), AgentSpec(name="two", kind="noop")
    plans = [make_plan(SHORT, agent="one"), make_plan(SHORT, agent="two")]
    records = [make_record(plans[0], "scored", 1.0), make_record(plans[1], "scored", 0.0)]
    text = shown(report_of(plans, records, session=make_session(one, two)))
    assert text.startswith(
        "agent one\n"
        "\n"
        "                                                          infra\n"
        "bracket      tasks  runs  passed  score        interval  errors\n"
        "few_minutes      1     1       1  1.000  [0.025, 1.000]       0\n"
        "\n"
        "overall score 1.000 [0.025, 1.000] (1 run of 1 task)\n"
        "time horizon: none (all succeed)\n"
        "\n"
        "agent two\n"
        "\n"
        "                                                          infra\n"
        "bracket      tasks  runs  passed  score        interval  errors\n"
        "few_minutes      1     1       0  0.000  [0.000, 0.975]       0\n"
        "\n"
        "overall score 0.000 [0.000, 0.975] (1 run of 1 task)\n"
    )
    assert "warning: two: all runs are of one family" in text


def test_without_a_score_the_summary_says_so() -> None:
    assert shown(report_of([], [])).startswith("agent gpt\n\nno overall score: no run has a score\n")


def test_weights_that_could_not_be_made_are_said_to_be_why_there_is_no_score() -> None:
    def refuse(runs: Sequence[RunRecord]) -> list[float]:
        raise UsageMistake("expected 3 numbers, one for each run, not 2", key="pytest_metr_task_weights")

    plan = make_plan(SHORT)
    text = shown(report_of([plan], [make_record(plan, "scored", 1.0)], weigh=refuse), width=100)
    assert "\n\nno overall score: pytest_metr_task_weights: expected 3 numbers, one for each run, not 2\n" in text


@pytest.mark.parametrize(
    ("score", "text"),
    [(0.0, "0.000"), (1 / 3, "0.333"), (-2.5, "-2.500"), (1e300, "1e+300")],
)
def test_scores_of_any_size_fit_into_a_table(score: float, text: str) -> None:
    plan = make_plan(SHORT)
    records = [make_record(plan, "scored", score)]
    report = report_of([plan], records)
    assert f"overall score {text} [" in shown(report)


@properties
@given(many_records(), texts, st.integers(20, 120), st.booleans())
def test_the_summary_of_anything_is_lines_that_a_terminal_can_show(
    records: list[RunRecord], text: str, width: int, verbose: bool
) -> None:
    family = BrokenFamily(folder=text, message=text)
    report = report_of([], records, broken_families=[family], files={text: text})
    lines = summary_lines(report, width=width, verbose=verbose)
    assert all(line.isprintable() for line in lines)
    assert lines[-1]
    assert ("", "") not in itertools.pairwise(lines)
