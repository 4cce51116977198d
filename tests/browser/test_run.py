"""One run: its facts, its transcript, its time line; transcripts that are missing or damaged."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pytest_metr.types import FailedTry
from tests.browser.looking import Looker
from tests.browser.sessions import make_page, write_session
from tests.browser.transcripts import Event, instant, write_transcript
from tests.unit.report.reading import report, report_run, write_report
from tests.unit.report.records import make_plan, make_record, make_task

#: Where an event is when it has been scrolled to, and some frames later.
_SCROLLED_TO = """async event => {
  event.scrollIntoView();
  const begin = event.getBoundingClientRect().top;
  for (let n = 0; n < 4; n += 1) await new Promise(requestAnimationFrame);
  return [begin, event.getBoundingClientRect().top];
}"""
RUN = "#run=0%3Akernel_fuzz.warmup.steady-2.run2"


@pytest.mark.parametrize("page", ["one.html", "folder/index.html"])
def test_run_has_all_that_its_transcript_has(look: Looker, pages: Path, page: str) -> None:
    tab = look(pages / page, RUN)
    tab.locator(".event").first.wait_for()
    lines = (pages / "before/transcripts/kernel_fuzz.warmup.steady-2.run2.jsonl").read_text().splitlines()
    events: list[Event] = [json.loads(line) for line in lines]
    assert tab.locator(".event").count() == len(events)
    assert tab.locator(".event .kind").all_text_contents() == [event["kind"].replace("_", " ") for event in events]
    commands = [event for event in events if event["kind"] == "bash"]
    shown = tab.locator(".event.tool pre.code").all_text_contents()
    assert shown == [event["command"] for event in commands]
    assert tab.locator(".event.tool pre.output").all_text_contents() == [event["output"] for event in commands]
    assert "Make its tests pass" in tab.locator(".event").first.text_content()
    facts = tab.locator("#detail .facts").inner_text()
    for part in ("few minutes", "example/steady-2: 12 calls", "wall seconds 3,600", "cybersecurity"):
        assert part in facts
    assert "checked 12 cases" in tab.locator("#detail .evidence").inner_text()


def test_event_can_be_seen_as_it_was_recorded(look: Looker, pages: Path) -> None:
    tab = look(pages / "one.html", RUN)
    event = tab.locator(".event.tool").first
    event.get_by_role("button", name="as recorded").click()
    recorded = json.loads(event.locator("pre.raw").inner_text())
    assert recorded["kind"] == "bash"


def test_scores_on_the_time_line_lead_to_their_events(look: Looker, tmp_path: Path) -> None:
    events: list[Event] = [{"at": instant(0), "kind": "task", "instructions": "x"}]
    events += [
        {"at": instant(n), "kind": "bash", "command": f"c{n}", "output": "", "exit_code": 0} for n in range(1, 400)
    ]
    events += [
        {"at": instant(400 + n), "kind": "intermediate_score", "score": n / 4, "message": f"m{n}"} for n in range(4)
    ]
    tab = look(a_page(tmp_path, events), "#run=0%3Afamily-task-gpt-1")
    marks = tab.locator("svg circle.mark")
    marks.first.wait_for()
    assert marks.count() == 4
    assert tab.locator(".event").count() < len(events), "long transcripts are not made at once"
    marks.nth(2).click()
    reached = tab.locator(".event:focus-within")
    assert '"m2"' in reached.inner_text() or "m2" in reached.inner_text()
    assert reached.evaluate("node => node.getBoundingClientRect().top < innerHeight")
    tab.wait_for_url("**event=403*")
    marks.nth(3).focus()
    tab.keyboard.press("Enter")
    assert "m3" in tab.locator(".event:focus-within").inner_text()
    tab.locator("svg rect.catcher").click(position={"x": 4, "y": 4})
    assert tab.locator(".event:focus-within .kind").inner_text() in ("bash", "task")
    again = look(tmp_path / "page.html", "#run=0%3Afamily-task-gpt-1&event=402")
    again.locator(".event:focus-within", has_text="m1").wait_for()


def test_events_are_folded_and_picked_by_kind(look: Looker, pages: Path) -> None:
    tab = look(pages / "one.html", RUN)
    tab.locator(".event").first.wait_for()
    tab.keyboard.press("f")
    assert tab.locator(".event[open]").count() == 0
    tab.get_by_role("button", name="Unfold all").click()
    assert tab.locator(".event:not([open])").count() == 0
    tab.get_by_label("Events to show").select_option("tool")
    assert set(tab.locator(".event:visible .kind").all_text_contents()) == {"bash"}


@pytest.mark.parametrize(("number", "lowest"), [(300, 60), (700, 60), (890, 900), (900, 900)])
def test_address_of_an_event_leads_to_it(look: Looker, tmp_path: Path, number: int, lowest: int) -> None:
    page = a_page(tmp_path, commands_with_outputs(900))
    tab = look(page, f"#run=0%3Afamily-task-gpt-1&event={number}")
    reached = tab.locator(f".event:focus-within[data-number='{number}']")
    reached.wait_for()
    tab.wait_for_timeout(400)
    assert 40 < reached.evaluate("node => node.getBoundingClientRect().top") < lowest, "below the bar, in the window"


def test_what_is_scrolled_to_stays_in_its_place(look: Looker, tmp_path: Path) -> None:
    # A place that is still moving when it is clicked takes the press and misses the release.
    tab = look(a_page(tmp_path, commands_with_outputs(38)), "#run=0%3Afamily-task-gpt-1")
    tab.locator(".event").last.wait_for()
    tab.keyboard.press("u")
    tab.wait_for_timeout(100)
    for place in (20, -1):
        begin, end = tab.locator(".event").nth(place).evaluate(_SCROLLED_TO)
        assert end == begin


def test_long_outputs_are_cut_until_all_is_asked_for(look: Looker, tmp_path: Path) -> None:
    output = "".join(f"line {n}\n" for n in range(50_000))
    event: Event = {"at": instant(1), "kind": "bash", "command": "seq", "output": output, "exit_code": 0}
    tab = look(a_page(tmp_path, [event]), "#run=0%3Afamily-task-gpt-1")
    pre = tab.locator(".event pre.output")
    pre.wait_for()
    assert len(pre.text_content()) < 6_001
    tab.get_by_role("button", name="Show all").click()
    assert pre.text_content() == output


def test_labels_of_readers(look: Looker, pages: Path) -> None:
    tab = look(pages / "one.html", "#label=disputed")
    tab.locator("#run-table tbody th a").first.click()
    finding = tab.locator(".finding")
    finding.wait_for()
    assert "The readers disagree." in finding.inner_text()
    assert "ada: " in finding.inner_text()


def test_missing_and_damaged_transcripts_are_told(look: Looker, tmp_path: Path) -> None:
    folder, good = tmp_path / "session", [{"at": instant(0), "kind": "note", "text": "good"}]
    plans = [make_plan(make_task(f"family/{name}")) for name in ("gone", "torn", "none", "outside", "tried")]
    names = ("transcripts/gone.jsonl", "transcripts/torn.jsonl", None, "../outside.jsonl", "transcripts/tried.jsonl")
    records = [make_record(plan, score=1.0, transcript=name) for plan, name in zip(plans, names, strict=True)]
    tried = FailedTry(
        cause="sandbox", message="", started_at="", completed_at="", seconds=1.0, transcript="transcripts/first.jsonl"
    )
    records[4] = make_record(plans[4], score=1.0, transcript=names[4], failed_tries=(tried,))
    write_report(folder, report(*map(report_run, records)))
    write_transcript(tmp_path / "outside.jsonl", good)
    write_transcript(folder / "transcripts/tried.jsonl", good)
    write_transcript(folder / "transcripts/first.jsonl", [{"at": instant(0), "kind": "note", "text": "the first try"}])
    (folder / "transcripts/torn.jsonl").write_text('{"kind": "note", "text": "good"}\n\n{"kind": "note", "te')
    page = tmp_path / "page.html"
    make_page(page, folder)
    expected = {
        "gone": "is not in the folder",
        "outside": "is not in the folder",
        "none": "names no transcript",
        "torn": "This line of the transcript is no event",
    }
    for name, told in expected.items():
        tab = look(page, f"#run=0%3Afamily-{name}-gpt-1")
        tab.get_by_text(told).first.wait_for()
    tab = look(page, "#run=0%3Afamily-tried-gpt-1")
    tab.locator(".try summary").click()
    tab.locator(".try .event", has_text="the first try").wait_for()


def test_a_page_that_is_cut_off_or_lacks_a_file_says_so(look: Looker, pages: Path, tmp_path: Path) -> None:
    whole = (pages / "one.html").read_bytes()
    cut = tmp_path / "cut.html"
    cut.write_bytes(whole[: whole.index(b'id="r0.60.0"')])
    tab = look(cut, "#run=0%3Areverse_hash.warmup.steady-2.run3")
    tab.get_by_text("This run cannot be shown: this page is cut off").wait_for()
    shutil.copytree(pages / "folder", tmp_path / "folder")
    (tmp_path / "folder/runs/r0.0.0.js").unlink()
    tab = look(tmp_path / "folder/index.html", "#run=0%3Areverse_hash.warmup.steady-2.run1")
    tab.get_by_text("r0.0.0.js is not beside this page").wait_for()
    look.wrong = [line for line in look.wrong if "ERR_FILE_NOT_FOUND" not in line]


def test_a_folder_that_is_written_again_is_a_whole_one(look: Looker, tmp_path: Path) -> None:
    made = write_session(tmp_path / "session", runs=1)
    for _ in range(2):
        make_page(tmp_path / "folder", made)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "session"]
    tab = look(tmp_path / "folder/index.html", "#run=0%3Areverse_hash.warmup.steady-2.run1")
    tab.locator(".event").first.wait_for()


def commands_with_outputs(number: int) -> list[Event]:
    """Return events of many heights."""
    return [
        {"at": instant(n), "kind": "bash", "command": f"c{n}", "output": "x\n" * (n % 7), "exit_code": 0}
        for n in range(number)
    ]


def a_page(folder: Path, events: list[Event]) -> Path:
    """Return a page of a session with one run."""
    record = make_record(make_plan(make_task()), score=1.0, transcript="transcripts/one.jsonl")
    write_report(folder / "session", report(report_run(record)))
    write_transcript(folder / "session/transcripts/one.jsonl", events)
    return make_page(folder / "page.html", folder / "session")
