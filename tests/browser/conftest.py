"""A headless Chromium to look at pages with; these tests skip where there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.protocol import compare_agents, elicit, load_protocol
from pytest_metr.report.html import Content, Side, write_file, write_folder
from pytest_metr.report.reading import read_runs
from pytest_metr.report.reading.whole_session import read_session
from pytest_metr.scoring import rows_by_agent, score_rows
from tests.browser.looking import Looker
from tests.browser.sessions import Made, a_gate, write_session


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A browser of Playwright's."""
    if os.environ.get("METR_TESTS_WITHOUT_BROWSER") == "1":
        pytest.skip("METR_TESTS_WITHOUT_BROWSER=1")
    program = os.environ.get("METR_TEST_CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium on the path, and METR_TEST_CHROMIUM names none")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def look(chromium: Any) -> Iterator[Looker]:
    """Opens pages; whatever any of them did that a page must not do fails the test at its end."""
    looker = Looker(chromium)
    yield looker
    looker.close()


def content_of(*made: Made) -> Content:
    """Return the content of a page of these sessions, with what was found in their runs."""
    protocol = load_protocol("plain")
    sides, rows = [], []
    for session in made:
        runs = read_runs([session.folder])
        rows.append(runs.rows)
        scores = score_rows(runs.rows, protocol)
        agents = rows_by_agent(runs.rows) if session.findings else {}
        found = {name: elicit(own, protocol, findings=session.findings) for name, own in agents.items()}
        whole = read_session(session.folder)
        sides.append(Side(session=whole, scores=scores, findings=session.findings, elicitations=found))
    comparison = compare_agents(rows[0], rows[1], protocol) if len(rows) > 1 else None
    return Content(sides=tuple(sides), comparison=comparison)


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pages: one.html, two.html and folder/ of realistic sessions."""
    root = tmp_path_factory.mktemp("pages")
    before = write_session(root / "before", agent="steady-2", skill=5.5, seed=1, gate=a_gate())
    after = write_session(root / "after", agent="steady-3", skill=7.2, seed=2, gate=a_gate())
    write_file(content_of(before), root / "one.html")
    write_file(content_of(before, after), root / "two.html")
    write_folder(content_of(before), root / "folder")
    return root
