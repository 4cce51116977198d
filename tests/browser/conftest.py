"""A headless Chromium to look at pages with; these tests skip where there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.looking import Looker
from tests.browser.sessions import a_gate, make_page, write_session


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


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pages: one.html, two.html and folder/ of the realistic sessions before/ and after/."""
    root = tmp_path_factory.mktemp("pages")
    before = write_session(root / "before", agent="steady-2", skill=5.5, seed=1, gate=a_gate())
    after = write_session(root / "after", agent="steady-3", skill=7.2, seed=2, gate=a_gate())
    make_page(root / "one.html", before)
    make_page(root / "two.html", before, after)
    make_page(root / "folder", before)
    return root
