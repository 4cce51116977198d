"""What people read of a verdict, on a terminal and on the page of a CI job."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.gate import append_step_summary, verdict_lines, verdict_markdown
from pytest_metr.gate.words import duration, few, margin, name, quantity, share

from .fakes import ABOVE, BELOW, FakeChecks, gate, judged, properties, row, rule

HOSTILE = (
    "a|b`c`<img src=x onerror=alert(1)>\n# head\r\n[l](http://x.y)@octocat www.x.y \x1b[31m\u202e**b** $x$ &amp; \ud800"
)


def test_a_passed_verdict_on_a_terminal() -> None:
    verdict = judged(gate(BELOW, checks=("canary",)), [row()], check=FakeChecks({"canary": "passed"}))
    assert verdict_lines(verdict, 100) == [
        "gate g: PASSED (exit status 0)",
        "  passed: a: the overall score stays below 50 %: 0 %, 95 % [-10 %, 10 %]",
        "  check canary passed: this is passed",
    ]


def test_an_inconclusive_verdict_says_why_before_all_else() -> None:
    checks = FakeChecks({"canary": "unknown"})
    verdict = judged(gate(BELOW, ABOVE, minimum_tasks=3, checks=("canary",)), [row(score=1.0)], check=checks)
    assert verdict_lines(verdict, 200) == [
        "gate g: INCONCLUSIVE (exit status 20)",
        "  why: a: 1 task counts, and the gate asks for at least 3",
        "  why: a: the check canary has no answer: this is unknown",
        "  failed: a: the overall score does not stay below 50 %: 100 %, 95 % [90 %, 110 %]",
        "  passed: a: the overall score stays above 50 %: 100 %, 95 % [90 %, 110 %]",
    ]


def test_lines_keep_to_the_width() -> None:
    verdict = judged(gate(minimum_tasks=3), [row(score=1.0)])
    lines = verdict_lines(verdict, 40)
    assert max(map(len, lines)) <= 40
    assert [line for line in lines if line.startswith("    ")]


def test_lines_have_nothing_that_controls_a_terminal() -> None:
    for line in verdict_lines(judged(gate(), [row(agent=HOSTILE)]), 60):
        assert line.isprintable()


def test_the_page_has_the_verdict_first_then_why_then_rules_and_checks() -> None:
    verdict = judged(
        gate(BELOW, rule("time_horizon_p50", threshold=90, margin=1.5), minimum_tasks=3, checks=("canary",)),
        [row(score=1.0, agent="one")],
        check=FakeChecks({"canary": "failed"}),
    )
    assert verdict_markdown(verdict).splitlines() == [
        "## ⚠️ Gate g: inconclusive",
        "",
        "gate g is inconclusive: one: 1 task counts, and the gate asks for at least 3 (and 3 more reasons)",
        "",
        "Nothing can pass as long as:",
        "",
        "- one: 1 task counts, and the gate asks for at least 3",
        "- one: the check canary failed: this is failed",
        "",
        "| verdict | agent | rule | judged | finding |",
        "| --- | --- | --- | --- | --- |",
        "| ❌ failed | one | rule | &#91;90 %, 110 %&#93; | the overall score does not stay below 50 %: 100 %, "
        "95 % &#91;90 %, 110 %&#93; |",
        "| ⚠️ inconclusive | one | rule | &#91;81 min, 99 min&#93; | it is not decided whether the time horizon at 50 % "
        "stays below 90 min: 60 min, 95 % &#91;54 min, 66 min&#93;, with the margin of x1.5 from 81 min to 99 min |",
        "",
        "| verdict | required check | finding |",
        "| --- | --- | --- |",
        "| ❌ failed | canary | this is failed |",
        "",
        "Exit status 20: 0 is passed, 1 failed, 20 inconclusive.",
    ]


def test_names_on_the_page_are_no_markup() -> None:
    page = verdict_markdown(judged(gate(), [row(HOSTILE, agent=HOSTILE)]))
    row_of_agent = next(line for line in page.splitlines() if "inconclusive" in line or "passed |" in line)
    assert row_of_agent.count("|") == 6
    for markup in ("`", "<", "[", "@", "://", "www.", "**", "$", "\x1b", "\u202e", "&amp;"):
        assert markup not in page, markup
    page.encode()


@properties
@given(st.text(min_size=1, max_size=60))
def test_no_name_breaks_the_table_or_the_page(agent: str) -> None:
    plain, strange = (
        verdict_markdown(judged(gate(minimum_tasks=2), [row(task, agent=who)])).splitlines()
        for task, who in (("f/t", "a"), (agent, agent))
    )
    assert len(strange) == len(plain)
    assert [line.count("|") for line in strange] == [line.count("|") for line in plain]
    assert not re.search(r"[<>`\[\]*]", "".join(strange))


def test_a_long_name_is_cut_in_the_middle() -> None:
    assert name("x" * 80) == "x" * 80
    assert name("start" + "x" * 1000 + "end") == "start" + "x" * 55 + "..." + "x" * 14 + "end"
    assert few(["a", "b", "c", "d"]) == "a, b, c and 1 more"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0 min"),
        (1.8e-6, "under 1 ms"),
        (0.27, "16.2 s"),
        (1, "1 min"),
        (3.412, "3.41 min"),
        (119.4, "119 min"),
        (126, "2.1 h"),
        (4800, "80 h"),
        (1e6, "16667 h"),
        (1e20, "1.67e+18 h"),
        (math.inf, "infinite"),
    ],
)
def test_minutes_are_told_as_people_tell_them(minutes: float, text: str) -> None:
    assert duration(minutes) == text


def test_shares_are_told_in_percent_and_margins_with_their_unit() -> None:
    assert [share(value) for value in (0, 0.3012, 1, -0.1, math.inf)] == ["0 %", "30.1 %", "100 %", "-10 %", "infinite"]
    assert [margin("overall_score", 1), margin("overall_score", 7.5)] == ["1 point", "7.5 points"]
    assert margin("time_horizon_p50", 2) == "x2"
    assert quantity("overall_score", 0.29996, beside=0.3) == "29.996 %"
    assert quantity("overall_score", math.nextafter(0.3, 0), beside=0.3) == "30 %"


def test_the_summary_of_a_step_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    append_step_summary(path, "## one ⚠️\n")
    append_step_summary(path, "## two\n")
    assert path.read_bytes().decode() == "## one ⚠️\n\n## two\n"
    with pytest.raises(FileNotFoundError):
        append_step_summary(tmp_path / "nowhere" / "summary", "")
