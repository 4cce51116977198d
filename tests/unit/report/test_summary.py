"""What the terminal shows at the end."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.errors import UsageMistake
from pytest_metr.report import build_report, summary_lines
from pytest_metr.types import AgentSpec, BrokenFamily, LimitHit, RunRecord

from .records import broken, even, make_plan, make_record, make_session, make_task, many_records, properties, texts

GPT = AgentSpec(name="gpt", kind="command", model="gpt-4-0613", scaffold="react")
SHORT, HOUR = make_task("reverse_hash/abandon", 2.5), make_task("crypto/caesar", 45)


def all_is_well() -> dict[str, Any]:
    plans = [make_plan(SHORT, 1), make_plan(SHORT, 2), make_plan(HOUR)]
    records = [
        make_record(plans[0], "scored", 1.0),
        make_record(plans[1], "limit", 0.0, limit_hit=LimitHit(name="wall_seconds", allowed=60)),
        make_record(plans[2], "scored", 0.95),
    ]
    return build_report(session=make_session(GPT), planned=plans, records=records, weigh=even)


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
    return build_report(
        session=make_session(GPT),
        planned=plans,
        records=records,
        weigh=even,
        not_run={plans[3].run_id: broken("interrupted", "not_run")},
        broken_families=[family],
        notes=["the teardown of x failed:\n\x1b[31mred"],
        files={"report": "metr-runs/now-gpt/report.json", "journal": "metr-runs/now-gpt/journal.jsonl"},
    )


def shown(report: dict[str, Any], *, width: int = 80, verbose: bool = False) -> str:
    return "\n".join(summary_lines(report, width=width, verbose=verbose)) + "\n"


def test_a_session_without_trouble_is_a_table_and_a_number() -> None:
    assert shown(all_is_well()) == (
        "agent gpt (model gpt-4-0613, scaffold react)\n"
        "\n"
        "                                     mean   infra\n"
        "bracket        tasks  runs  passed  score  errors\n"
        "few_minutes        1     2       1  0.500       0\n"
        "under_an_hour      1     1       1  0.950       0\n"
        "all                2     3       2              0\n"
        "\n"
        "overall score 0.650 (invsqrt_family, 3 runs of 2 tasks)\n"
    )


def test_everything_that_a_reader_must_know_is_said() -> None:
    assert shown(much_is_wrong()) == (
        "agent gpt (model gpt-4-0613, scaffold react)\n"
        "\n"
        "                                     mean   infra  needs  not\n"
        "bracket        tasks  runs  passed  score  errors  score  run\n"
        "few_minutes        1     2       1  1.000       1      0    0\n"
        "under_an_hour      1     2       0      -       0      1    1\n"
        "few_hours          1     1       0      -       1      0    0\n"
        "all                3     5       1              2      1    1\n"
        "\n"
        "overall score 1.000 (invsqrt_family, 1 run of 1 task); 0.200 if the 4 runs\n"
        "  without a score counted 0\n"
        "\n"
        "coverage: 1 of 5 runs finished; 2 infrastructure errors (sandbox 1, task_score\n"
        "  1), 1 needs a score, 1 not run (interrupted 1)\n"
        "broken family tasks/bad: manifest.yaml: tasks.main.resources.cpus: expected a\n"
        "  number above 0, found 'many'\n"
        "note: the teardown of x failed: ?[31mred\n"
        "\n"
        "report   metr-runs/now-gpt/report.json\n"
        "journal  metr-runs/now-gpt/journal.jsonl\n"
    )


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
    report = build_report(session=make_session(one, two), planned=plans, records=records, weigh=even)
    assert shown(report) == (
        "agent one\n"
        "\n"
        "                                   mean   infra\n"
        "bracket      tasks  runs  passed  score  errors\n"
        "few_minutes      1     1       1  1.000       0\n"
        "\n"
        "overall score 1.000 (invsqrt_family, 1 run of 1 task)\n"
        "\n"
        "agent two\n"
        "\n"
        "                                   mean   infra\n"
        "bracket      tasks  runs  passed  score  errors\n"
        "few_minutes      1     1       0  0.000       0\n"
        "\n"
        "overall score 0.000 (invsqrt_family, 1 run of 1 task)\n"
    )


def test_without_a_score_the_summary_says_so() -> None:
    report = build_report(session=make_session(), planned=[], records=[], weigh=even)
    assert shown(report) == "agent gpt\n\nno overall score: no run has a score\n"


def test_weights_that_could_not_be_made_are_said_to_be_why_there_is_no_score() -> None:
    def refuse(runs: Sequence[RunRecord]) -> list[float]:
        raise UsageMistake("expected 3 numbers, one for each run, not 2", key="pytest_metr_task_weights")

    plan = make_plan(SHORT)
    records = [make_record(plan, "scored", 1.0)]
    report = build_report(session=make_session(), planned=[plan], records=records, weigh=refuse)
    assert shown(report, width=100).endswith(
        "\n\nno overall score: pytest_metr_task_weights: expected 3 numbers, one for each run, not 2\n"
    )


@pytest.mark.parametrize(
    ("score", "text"),
    [(0.0, "0.000"), (1 / 3, "0.333"), (-2.5, "-2.500"), (1e300, "1e+300"), (float("inf"), "Infinity")],
)
def test_scores_of_any_size_fit_into_a_table(score: float, text: str) -> None:
    plan = make_plan(SHORT)
    records = [make_record(plan, "scored", score)]
    report = build_report(session=make_session(), planned=[plan], records=records, weigh=even)
    assert f"overall score {text} (" in shown(report)


@properties
@given(many_records(), texts, st.integers(20, 120), st.booleans())
def test_the_summary_of_anything_is_lines_that_a_terminal_can_show(
    records: list[RunRecord], text: str, width: int, verbose: bool
) -> None:
    family = BrokenFamily(folder=text, message=text)
    report = build_report(
        session=make_session(), planned=[], records=records, weigh=even, broken_families=[family], files={text: text}
    )
    lines = summary_lines(report, width=width, verbose=verbose)
    assert all(line.isprintable() for line in lines)
    assert lines[-1]
    assert ("", "") not in itertools.pairwise(lines)
