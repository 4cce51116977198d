"""The page as a file: what may run in it, what is embedded, how it is written. Without a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import load_protocol
from pytest_metr.report.html import Content, Side, blocks, write_file, write_folder
from pytest_metr.report.html.index_data import embedded
from pytest_metr.report.html.page import MARK, SCRIPTS, STYLES, asset, program
from pytest_metr.report.reading import read_runs, read_session
from pytest_metr.scoring import score_rows
from tests.unit.report.reading import report, report_run, write_report
from tests.unit.report.records import any_json, make_plan, make_record, make_task, properties

ASSETS = Path(blocks.__file__).parent / "assets"
#: What would make elements, programs or addresses of a text, or remember something beyond the page.
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|setHTML|srcdoc"
    r"|\beval\b|new Function|setTimeout\(\s*[\"'`]|\bfetch\b|XMLHttpRequest|WebSocket|EventSource|sendBeacon|\bimport\("
    r"|localStorage|sessionStorage|indexedDB|document\.cookie|window\.open|postMessage|\.style\b|https?://(?!www\.w3\.org)"
)


def content(folder: Path, **run: Any) -> Content:
    """Return the content of a page of one run."""
    record = make_record(make_plan(make_task()), score=1.0, transcript="transcripts/one.jsonl")
    write_report(folder, report(report_run(record, **run)))
    transcripts = folder / "transcripts"
    transcripts.mkdir(exist_ok=True)
    (transcripts / "one.jsonl").write_bytes(b'{"kind": "note", "text": "good"}\n')
    scores = score_rows(read_runs([folder]).rows, load_protocol("plain"))
    return Content(sides=(Side(session=read_session(folder), scores=scores),))


def unpacked(page: bytes, name: str = "r0.0.0") -> list[str]:
    """Return the lines of a block of a page."""
    packed = page.partition(f'id="{name}">'.encode())[2].partition(b"</script>")[0]
    return zlib.decompress(base64.b64decode(packed, validate=True), -15).decode().splitlines()


def test_every_asset_is_in_the_page_and_none_makes_elements_of_text() -> None:
    assert sorted(path.name for path in ASSETS.iterdir()) == sorted((*SCRIPTS, *STYLES))
    for name in SCRIPTS:
        assert not FORBIDDEN.search(asset(name)), name
        assert len(asset(name).splitlines()) <= 300
    for name in STYLES:
        assert not re.search(r"url\(|@import|expression|</", asset(name)), name
    assert "</script" not in program().lower()
    assert "<!--" not in program()


def test_policy_lets_only_this_page_run(tmp_path: Path) -> None:
    write_file(content(tmp_path / "session"), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.startswith(MARK.decode())
    policy = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    assert len(policy) == 1
    parts = dict(part.split(" ", 1) for part in policy[0].split("; "))
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert len(scripts) == len(styles) == 1
    for directive, text in (("script-src", scripts[0]), ("style-src", styles[0])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert parts[directive] == f"'sha256-{digest}'"
    none = ("default-src", "img-src", "connect-src", "form-action", "base-uri", "trusted-types")
    assert all(parts[directive] == "'none'" for directive in none)
    assert parts["require-trusted-types-for"] == "'script'"
    assert page.index("Content-Security-Policy") < page.index("<title>")


@properties
@given(any_json)
def test_embedded_data_are_inert_and_whole(value: Any) -> None:
    text = embedded({"value": value})
    assert text.isascii()
    assert not set("<>&") & set(text)
    assert "\u2028" not in text
    assert set(json.loads(text)) == {"value"}


def test_run_is_there_as_it_was_recorded(tmp_path: Path) -> None:
    write_file(content(tmp_path / "session", more="</script>"), tmp_path / "page.html")
    first, *lines = unpacked((tmp_path / "page.html").read_bytes())
    record = json.loads(first)["record"]
    assert record == {**read_session(tmp_path / "session").document["runs"][0]}
    assert record["more"] == "</script>"
    assert lines == ['{"kind": "note", "text": "good"}']


def test_large_transcript_is_cut_and_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MOST_BYTES", 40)
    monkeypatch.setattr(blocks, "_PIECE", 7)
    made = content(tmp_path / "session")
    line = b'{"kind": "note", "text": "good"}\n'
    (tmp_path / "session/transcripts/one.jsonl").write_bytes(line * 3)
    write_file(made, tmp_path / "page.html")
    _, whole, cut, note = unpacked((tmp_path / "page.html").read_bytes())
    assert (whole.encode(), cut.encode()) == (line[:-1], line[: 40 - len(line)])
    assert json.loads(note) == {
        "kind": "report_note",
        "text": "the transcript goes on: only its first 40 bytes are in this page",
    }


def test_transcript_outside_of_the_session_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "secret.jsonl").write_text('{"kind": "secret"}\n')
    made = content(tmp_path / "session", transcript="../secret.jsonl")
    write_file(made, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_bytes()
    assert len(unpacked(page)) == 1
    assert b"is not in the folder of the session" in page


def test_page_replaces_only_a_page(tmp_path: Path) -> None:
    made, page = content(tmp_path / "session"), tmp_path / "page.html"
    write_file(made, page)
    write_file(made, page)
    page.write_text("<html>somebody else's</html>")
    with pytest.raises(UsageMistake, match="or a page that this command has made"):
        write_file(made, page)
    assert page.read_text() == "<html>somebody else's</html>"
    with pytest.raises(UsageMistake):
        write_file(made, tmp_path)


@pytest.mark.parametrize("write", [write_file, write_folder])
def test_link_to_a_page_stays_one(tmp_path: Path, write: Any) -> None:
    write(content(tmp_path / "session"), tmp_path / "page")
    (tmp_path / "link").symlink_to(tmp_path / "page")
    before = (tmp_path / "page").stat().st_ino
    write(content(tmp_path / "session"), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "page").stat().st_ino != before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "page", "session"]


def test_folder_replaces_only_such_a_folder(tmp_path: Path) -> None:
    made, folder = content(tmp_path / "session"), tmp_path / "folder"
    write_folder(made, folder)
    write_folder(made, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["index.html", "runs"]
    assert [path.name for path in (folder / "runs").iterdir()] == ["r0.0.0.js"]
    text = (folder / "runs/r0.0.0.js").read_text()
    assert re.fullmatch(r'metrBlock\("r0\.0\.0","[A-Za-z0-9+/=]*"\);\n', text)
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(UsageMistake, match="found something else"):
        write_folder(made, folder)
    assert (folder / "mine.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "session"]


@pytest.mark.parametrize("write", [write_file, write_folder])
def test_nothing_half_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Any) -> None:
    made = content(tmp_path / "session")
    write(made, tmp_path / "page")
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    content_before = [path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()]

    def fail(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("pytest_metr.report.html.write.packed", fail)
    with pytest.raises(KeyboardInterrupt):
        write(made, tmp_path / "page")
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before
    assert [path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()] == content_before


def test_verdict_of_a_stranger_that_is_none_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "session"
    record = make_record(make_plan(make_task()), score=1.0)
    write_report(folder, report(report_run(record), gate={"verdict": "passed"}))
    scores = score_rows(read_runs([folder]).rows, load_protocol("plain"))
    made = Content(sides=(Side(session=read_session(folder), scores=scores),))
    with pytest.raises(UsageMistake, match="expected a gate's verdict"):
        write_file(made, tmp_path / "page.html")
