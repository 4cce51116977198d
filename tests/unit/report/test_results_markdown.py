"""A result as the page of a CI job."""

from __future__ import annotations

import re

import pytest

from pytest_metr.report import result_markdown

from .results import HOSTILE_NAMES, check, degenerate, make_agent, make_result


def rows(markdown: str) -> list[list[str]]:
    """Return the cells of all lines of tables, as a reader of Markdown splits them."""
    lines = [line for line in markdown.split("\n") if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_the_tables_hold_what_the_lines_of_a_terminal_hold() -> None:
    table = rows(result_markdown(make_result(make_agent("gpt", p50=20), *degenerate())))
    assert table[0] == ["agent", "tasks", "runs", "overall score", "success rate", "50 % horizon", "80 % horizon"]
    assert table[2][0] == "gpt"
    assert table[2][5] == "20 min [5, 80]"
    assert table[4][5] == "> 3.33 h (all succeed)"
    assert table[8][0] == "score by bracket"
    assert table[-1] == ["tasks", "0-2", "0-3", "0-3", "0-3", "0-2"]


def test_remarks_and_the_protocol_stand_below_the_tables() -> None:
    checks = (check("coverage", "failed", "3 of 55 runs are missing"),)
    text = result_markdown(make_result(make_agent(checks=checks, missing=3, warnings=("one family",))))
    assert "\n\n- coverage: gpt: 3 runs without a score, in no number here\n- warning: gpt: one family\n" in text
    assert "- check failed: gpt: coverage: 3 of 55 runs are missing\n- checks: 0 of 1 passed, 1 failed\n" in text
    assert "\n\nprotocol plain 1: weights invsqrt_family, " in text
    assert text.endswith("\n\nruns from runs.jsonl\n")


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_one_cell_without_markup(name: str) -> None:
    checks = (check(name, "failed", name),)
    text = result_markdown(make_result(make_agent(name, warnings=(name,), checks=checks), make_agent("other")))
    table = rows(text)
    assert {len(row) for row in table[:4]} == {7}
    assert [row[0] for row in table if row[0] == "other"] == ["other", "other"]
    for active in ("<", "`", "@", "$", "\\", "*", "~"):
        assert active not in text
    assert all(line.isprintable() for line in text.split("\n"))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("gpt_4_turbo", "gpt_4_turbo"),
        ("_gpt_", "&#95;gpt&#95;"),
        ("a: b", "a: b"),
        ("https://x.org", "https&#58;//x.org"),
        ("www.x.org", "www&#46;x.org"),
        ("[a](b)", "&#91;a&#93;(b)"),
        ("a|b", "a&#124;b"),
        ("&amp;", "&#38;amp;"),
    ],
)
def test_only_what_markdown_could_act_on_is_escaped(name: str, written: str) -> None:
    assert rows(result_markdown(make_result(make_agent(name))))[2][0] == written
