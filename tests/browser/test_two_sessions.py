"""Two sessions beside each other: what has changed, and the same task on both sides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_metr.cli import main
from tests.browser.looking import Looker

SIDES = ("before", "after")


def test_both_verdicts_and_the_changes(look: Looker, pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tab = look(pages / "two.html")
    tab.locator("#pair-table tbody tr").first.wait_for()
    assert tab.locator(".verdict .which").all_inner_texts() == ["before", "after"]
    assert tab.locator("h1").inner_text() == "steady-2 → steady-3"
    assert main(["compare", str(pages / "before"), str(pages / "after")]) == 0
    told = " ".join(capsys.readouterr().out.split())
    rows = tab.locator("#comparison table.figures tbody tr")
    assert rows.count() >= 8
    for place in range(rows.count()):
        for figure in rows.nth(place).locator("td:nth-of-type(2), td:nth-of-type(3)").all_inner_texts():
            assert figure.partition(" [")[0] in told


def test_runs_of_a_task_without_a_score_are_told_apart(look: Looker, pages: Path) -> None:
    tab = look(pages / "two.html")
    tab.locator("#pair-table tbody tr").first.wait_for()
    sides = [json.loads((pages / side / "report.json").read_text(encoding="utf-8"))["runs"] for side in SIDES]
    shown = {}
    for row in tab.locator("#pair-table tbody tr").all():
        shown[row.locator("th").inner_text()] = row.locator("td").last.inner_text()
    assert any("of" in cell for cell in shown.values())
    for task, cell in shown.items():
        for runs, told in zip(sides, cell.split(" / "), strict=True):
            scores = [run["score"] for run in runs if run["task_id"] == task and run["agent"].startswith("steady")]
            scored = sum(score is not None for score in scores)
            assert told == (str(len(scores)) if scored == len(scores) else f"{scored} of {len(scores)}")


def test_a_task_on_both_sides(look: Looker, pages: Path) -> None:
    tab = look(pages / "two.html")
    row = tab.locator("#pair-table tbody tr").first
    row.wait_for()
    changes = [text for text in tab.locator("#pair-table tbody td:nth-child(5)").all_inner_texts() if text != "–"]
    numbers = [float(text.replace("−", "-")) for text in changes]
    assert numbers == sorted(numbers, reverse=True)
    name = row.locator("th a").inner_text()
    row.locator("th a").click()
    columns = tab.locator(".column")
    for place, side in enumerate(("Before: steady-2", "After: steady-3")):
        columns.nth(place).locator(".event").first.wait_for()
        assert columns.nth(place).locator("h2").inner_text() == side
    left, right = (columns.nth(place).bounding_box() for place in (0, 1))
    assert left["x"] + left["width"] <= right["x"]
    columns.nth(1).locator("select").select_option("2")
    tab.wait_for_url("**right=3*")
    columns.nth(1).locator(".event").first.wait_for()
    columns.nth(1).get_by_text("the whole run").click()
    tab.get_by_text("Run 3 of steady-3, after").wait_for()
    tab.go_back()
    assert tab.locator("#detail h1").inner_text() == name


def test_sides_are_below_each_other_in_a_narrow_window(look: Looker, pages: Path) -> None:
    tab = look(pages / "two.html", "#pair=kernel_fuzz%2Fwarmup", width=360, height=740)
    tab.locator(".column .event").first.wait_for()
    left, right = (tab.locator(".column").nth(place).bounding_box() for place in (0, 1))
    assert left["y"] + left["height"] <= right["y"]


def test_a_task_of_one_side_alone(look: Looker, pages: Path) -> None:
    tab = look(pages / "two.html", "#pair=nothing")
    tab.get_by_text("Both sides have no runs of this task.").wait_for()
