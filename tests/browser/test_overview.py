"""The page as a whole: what it says first, its tables, its keys, its address."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.cli import main
from tests.browser.looking import Looker
from tests.browser.sessions import make_page, write_session

ROWS = "#run-table tbody th a"


def sections(tab: Any) -> list[str]:
    found: list[str] = tab.locator("section h2").all_inner_texts()
    return found


def settled(tab: Any) -> Any:
    """Return the tab when its tables are there."""
    tab.locator(ROWS).first.wait_for()
    return tab


def column(tab: Any, number: int) -> list[str]:
    found: list[str] = tab.locator(f"#run-table tbody tr td:nth-child({number})").all_inner_texts()
    return found


@pytest.mark.parametrize("page", ["one.html", "folder/index.html"])
def test_verdict_first_then_numbers_then_evidence(look: Looker, pages: Path, page: str) -> None:
    tab = settled(look(pages / page))
    names = ["Verdict", "Scores", "Elicitation", "Human time", "Checks", "Tasks", "Runs", "How it was made"]
    assert sections(tab) == names
    assert tab.locator(".verdict .word").inner_text() == "Inconclusive"
    assert "coverage is" in tab.locator(".verdict .sentence").inner_text()
    assert tab.locator(".verdict .reasons li").count() >= 2
    coverage = json.loads((pages / "before/report.json").read_text())["coverage"]
    told = f"{coverage['finished']} of {coverage['planned']} runs have a score · {coverage['infra_error']} lost to"
    assert told in tab.locator(".coverage").inner_text()
    assert tab.locator("h1").inner_text() == "steady-2"


def test_numbers_are_those_of_the_terminal(look: Looker, pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(pages / "before")]) == 0
    told = capsys.readouterr().out
    tab = settled(look(pages / "one.html"))
    for figure in tab.locator("#scores td .figure").all_inner_texts():
        for part in figure.split(" [")[0].split():
            assert part in told


def test_agreement_of_readers_and_guided_runs_are_told_as_in_the_terminal(
    look: Looker, pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = write_session(tmp_path / "again", seed=3, skill=9, runs=1)
    document = json.loads((again / "report.json").read_text())
    for run in document["runs"]:
        run["guidance"] = {"fix": "hint", "why": "the form of the answer was not said", "hint": "Say it.", "runs": []}
    (again / "report.json").write_text(json.dumps(document))
    page = tmp_path / "page.html"
    assert main(["report", str(pages / "before"), f"--guided={again}", "-o", str(page)]) == 0
    capsys.readouterr()
    assert main(["score", str(pages / "before"), "--elicitation", f"--guided={again}"]) == 0
    told = "".join(capsys.readouterr().out.split())
    tab = settled(look(page))
    [agreement] = tab.locator("#elicitation .agreement").all_inner_texts()
    assert agreement.startswith("ada and grace agree on")
    [guided] = tab.locator("#elicitation .guided").all_inner_texts()
    assert guided.startswith("Run again, guided by a hint (the form of the answer was not said): ")
    for sentence in (agreement, guided.removeprefix("Run again, ")):
        assert "".join(sentence.split()) in told


def test_labels_that_do_not_count_are_told(look: Looker, pages: Path, tmp_path: Path) -> None:
    session = shutil.copytree(pages / "before", tmp_path / "session")
    (session / "labels.jsonl").write_text("{torn\n")
    tab = settled(look(make_page(tmp_path / "page.html", session)))
    assert tab.locator("#elicitation .warnings").inner_text() == "lines of labels.jsonl could not be read: 1"


def test_plots_have_what_is_in_the_result(look: Looker, pages: Path) -> None:
    tab = settled(look(pages / "one.html"))
    plot = tab.locator("#plots figure svg")
    assert plot.locator("circle.task").count() == 42
    assert plot.locator("path.curve").count() == 1
    assert plot.locator("path.horizon").count() == plot.locator("rect.band").count() == 2
    assert "Success against human time: steady-2" in plot.locator("title").first.text_content()
    assert "50 %:" in plot.locator("desc").text_content()
    assert tab.locator("#plots svg path.score").count() == tab.locator("#plots svg text.bracket").count() > 3


def test_runs_are_sorted_by_every_column(look: Looker, pages: Path) -> None:
    tab = settled(look(pages / "one.html"))
    heads = tab.locator("#run-table thead th")
    for place in range(heads.count()):
        head = heads.nth(place)
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == "ascending"
        rising = tab.locator(ROWS).first.get_attribute("href")
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == "descending"
        assert tab.locator("#run-table thead th:not([aria-sort=none])").count() == 1
        assert rising is not None
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == "none"
    heads.filter(has_text="Score").locator("button").click()
    shown = [float(text) for text in column(tab, 3) if text != "–"]
    assert shown == sorted(shown)
    assert column(tab, 3)[0] != "–", "runs without a score come last"


def test_runs_are_filtered_by_text_and_by_what_is_known_of_them(look: Looker, pages: Path) -> None:
    tab = settled(look(pages / "one.html"))
    tab.locator("#run-table-search").fill("kernel warmup")
    assert tab.locator("#runs .count").inner_text() == "3 of 126"
    tab.locator("#run-table-search").fill("")
    tab.get_by_label("Any status").select_option(label="infrastructure error")
    lost = json.loads((pages / "before/report.json").read_text())["coverage"]["infra_error"]
    assert tab.locator("#runs .count").inner_text() == f"{lost} of 126"
    assert column(tab, 4) == ["infrastructure error (sandbox)"] * lost
    assert lost > 0
    tab.get_by_label("Any status").select_option("")
    tab.get_by_label("Any label").select_option(label="disputed")
    assert set(column(tab, 5)) == {"disputed"}
    tab.get_by_label("Any bracket").select_option(label="week long")
    tab.locator("#run-table-search").fill("nothing is called this")
    assert "Nothing fits the filter." in tab.locator("#run-table tbody").inner_text()


def test_view_is_in_the_address(look: Looker, pages: Path) -> None:
    tab = settled(look(pages / "one.html"))
    tab.locator("#run-table-search").fill("lab_notes")
    tab.get_by_label("Any outcome").select_option(label="failure")
    tab.locator("#run-table thead button", has_text="Human time").click()
    count = tab.locator("#runs .count").inner_text()
    rows = tab.locator(ROWS).all_inner_texts()
    tab.wait_for_url("**sort=minutes*")
    _, _, hash_ = tab.url.partition("#")
    again = settled(look(pages / "one.html", f"#{hash_}"))
    assert again.locator("#runs .count").inner_text() == count
    assert again.locator(ROWS).all_inner_texts() == rows
    assert again.locator("#run-table-search").input_value() == "lab_notes"


def test_keys_lead_to_a_run_and_back(look: Looker, pages: Path) -> None:
    tab = settled(look(pages / "one.html"))
    tab.keyboard.press("/")
    tab.keyboard.type("basic")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowDown")
    second = tab.locator(ROWS).nth(1)
    name = second.inner_text()
    assert second.evaluate("node => node === document.activeElement")
    tab.keyboard.press("Enter")
    tab.locator(".event").first.wait_for()
    assert tab.locator("#detail h1").inner_text() == name
    assert "2 of 21" in tab.locator("#detail").inner_text()
    tab.keyboard.press("ArrowRight")
    tab.get_by_text("3 of 21").wait_for()
    tab.keyboard.press("ArrowLeft")
    tab.get_by_text("2 of 21").wait_for()
    tab.keyboard.press("Escape")
    tab.locator("#overview").wait_for()
    assert tab.locator("#run-table-search").input_value() == "basic"
    assert second.evaluate("node => node === document.activeElement")


def test_help_tells_of_the_keys(look: Looker, pages: Path) -> None:
    tab = settled(look(pages / "one.html"))
    tab.keyboard.press("?")
    dialog = tab.locator("dialog")
    assert dialog.is_visible()
    assert dialog.locator("kbd").all_inner_texts()[0] == "/"
    tab.keyboard.press("Escape")
    assert not dialog.is_visible()


def test_tables_are_tables_for_those_who_cannot_see_them(look: Looker, pages: Path) -> None:
    tab = settled(look(pages / "one.html"))
    for table in ("#run-table", "#task-table"):
        assert tab.locator(f"{table} caption").count() == 1
        assert tab.locator(f"{table} thead th:not([scope=col])").count() == 0
        assert tab.locator(f"{table} tbody tr").count() == tab.locator(f"{table} tbody th[scope=row]").count()
    unnamed = "nodes => nodes.filter(n => !n.labels?.length && !n.getAttribute('aria-label') && !n.textContent)"
    assert tab.locator("input, select, button").evaluate_all(f"nodes => ({unnamed})(nodes).length") == 0


def test_rows_come_as_they_are_looked_for(look: Looker, pages: Path) -> None:
    tab = settled(look(pages / "one.html", height=500))
    first = tab.locator(ROWS).count()
    assert first < 126
    while tab.locator("#runs button.more").is_visible():
        tab.locator("#runs button.more").scroll_into_view_if_needed()
        tab.wait_for_timeout(30)
    assert tab.locator(ROWS).count() == 126


def test_an_address_of_no_run_says_so(look: Looker, pages: Path) -> None:
    tab = look(pages / "one.html", "#run=0%3Aconstructor")
    tab.get_by_text("This page has no such run.").wait_for()
    tab.keyboard.press("Escape")
    settled(tab)


def test_without_a_program_the_verdict_is_there(look: Looker, pages: Path) -> None:
    tab = look(pages / "one.html", java_script_enabled=False)
    assert "before: inconclusive. gate release is inconclusive" in tab.locator(".noscript").inner_text()
