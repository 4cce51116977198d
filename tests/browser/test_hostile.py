"""Whatever stands in a session is text, and stays in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_metr.protocol import load_protocol
from pytest_metr.protocol.elicitation import elicit
from pytest_metr.report.flags import RedFlag
from pytest_metr.report.html import Content, Side, write_file, write_folder
from pytest_metr.report.reading import read_runs, read_session
from pytest_metr.scoring import rows_by_agent, score_rows
from pytest_metr.types import Agreement, GuidedRuns
from tests.browser.hostile import CORPUS, NAMES, write_hostile
from tests.browser.looking import Looker

#: Every text of the page that is out of its place: beyond the window, or seen outside of what holds it.
_OUT = """() => [...document.querySelectorAll("pre, td, th, dd, li, p, h1, h2, summary")].filter(e => {
  const place = e.getBoundingClientRect();
  const scroller = e.closest(".scroll");
  return place.width > 0 && !scroller && (place.left < -1 || place.right > innerWidth + 1);
}).map(e => e.outerHTML.slice(0, 200))"""

GUIDED = [GuidedRuns(fix=text, why=text, tasks=(text,), runs=1, successes=1, source=text) for text in NAMES]


def side_of(folder: Path) -> Side:
    """Write a hostile session, and return its side of a page, with labels that no file could hold."""
    found, protocol = write_hostile(folder), load_protocol("plain")
    rows = read_runs([folder]).rows
    by_agent = {name: elicit(own, protocol, findings=found, guided=GUIDED) for name, own in rows_by_agent(rows).items()}
    flags = {name: (RedFlag(name=name, sentence=name, runs=tuple(found)),) for name in by_agent}
    return Side(
        session=read_session(folder),
        scores=score_rows(rows, protocol),
        findings=found,
        agreements=tuple(Agreement(reviewers=(text, text), runs=2, agreed=1, kappa=0.5) for text in NAMES),
        elicitations=by_agent,
        flags=flags,
        digests={name: name for name in NAMES},
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    (root / "outside.jsonl").write_text('{"kind": "note", "text": "a file that is none of the session"}\n')
    first, second = (side_of(root / name) for name in ("<img src=x onerror=ranForeign=1>", "b"))
    write_file(Content(sides=(first,)), root / "one.html")
    write_folder(Content(sides=(first,)), root / "folder")
    write_file(Content(sides=(first, second), notes=NAMES), root / "two.html")
    return root


@pytest.mark.parametrize("page", ["one.html", "two.html", "folder/index.html"])
def test_overview_of_a_hostile_session(look: Looker, hostile: Path, page: str) -> None:
    tab = look(hostile / page)
    tab.locator("#run-table tbody th a").first.wait_for()
    assert tab.evaluate(_OUT) == []
    assert tab.locator(".verdict .word").first.inner_text() == "Failed"
    shown = tab.locator("#overview").inner_text()
    for name in ("script", "handler", "template", "form"):
        assert CORPUS[name][:40] in shown
    assert "\u202e" not in shown
    assert "⟨U+202E⟩gnp.exe" in shown


@pytest.mark.parametrize("number", range(len(NAMES)), ids=list(CORPUS))
def test_run_of_a_hostile_session(look: Looker, hostile: Path, number: int) -> None:
    tab = look(hostile / "one.html")
    links = tab.locator("#run-table tbody th a")
    links.first.wait_for()
    links.nth(number).click()
    tab.locator(".event").last.wait_for()
    tab.keyboard.press("u")
    tab.wait_for_timeout(100)
    look.check(tab)
    assert tab.evaluate(_OUT) == []
    assert tab.locator(".trouble[role=alert]").count() == 0
    assert tab.locator(".event.trouble .kind", has_text="damaged").count() >= 6
    assert tab.locator("pre", has_text="the end").count() == 1
    pres: list[str] = tab.locator(".evidence pre").all_inner_texts()
    assert not any(character in text for text in pres for character in "\x00\x1b\u202e\u2028\ud83d")
    if "#" not in visible_start(number):
        assert any(visible_start(number) in text for text in pres)
    for button in ("as recorded", "Show all"):
        tab.get_by_role("button", name=button).first.click()
    open_tries(tab)
    look.check(tab)


def visible_start(number: int) -> str:
    """Return what can be seen at the beginning of a text."""
    text = NAMES[number]
    first = next((place for place, character in enumerate(text) if not character.isprintable()), len(text))
    return text[: min(first, 60)].strip() or "⟨"


def open_tries(tab: Any) -> None:
    """Open the earlier try, whose transcript lies outside of the session: it is not in the page."""
    tab.locator(".try > summary").click()
    tab.locator(".try .trouble").wait_for()
    assert "not in the folder of the session" in tab.locator(".try .trouble").inner_text()
    assert "a file that is none of the session" not in tab.content()


def test_filters_and_addresses_take_hostile_values(look: Looker, hostile: Path) -> None:
    tab = look(hostile / "one.html")
    tab.locator("#run-table tbody th a").first.wait_for()
    for name in CORPUS:
        tab.locator("#run-table-search").fill(CORPUS[name][:50])
    tab.locator("#run-table-search").fill("")
    choose = tab.get_by_label("Any domain")
    for place in range(1, choose.locator("option").count()):
        choose.select_option(str(place - 1))
        assert tab.locator("#runs .count").inner_text().startswith("1 of")
    for hash_ in (
        "#run=%00",
        "#at=__proto__",
        "#sort=constructor",
        "#event=-1&run=0",
        "#%",
        f"#q={NAMES[0]}",
        "#pair=x",
    ):
        tab.evaluate("hash => { location.hash = hash }", hash_)
        tab.wait_for_timeout(30)
        look.check(tab)


def test_page_has_no_hostile_text_outside_of_its_data(hostile: Path) -> None:
    raw = (hostile / "one.html").read_text(encoding="utf-8")
    head, _, rest = raw.partition('<script type="application/json" id="data">')
    data, _, behind = rest.partition("</script>")
    assert not set("<>&\u2028\u2029") & set(data)
    assert data.isascii()
    for part in (head, behind):
        assert "ranForeign" not in part.replace("&lt;", "<").partition("<title>")[0]
        assert "<img" not in part
