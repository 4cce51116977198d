"""Makes the pictures of the documentation, from invented sessions.

python -m tests.browser.pictures docs/images
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.sessions import a_gate, make_page, write_session

#: By name: the page, what is looked at, what must be there, whether it is dark, and the height of the window.
PICTURES = {
    "verdict": ("one.html", "", "#run-table tbody tr", False, 1180),
    "transcript": ("one.html", "#run=0%3Aweb_scraper.recovery.steady-2.run3", ".event", False, 1180),
    "comparison": ("two.html", "#at=comparison", "#pair-table tbody tr", True, 900),
}


def main(folder: Path) -> None:
    """Make all of them."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        before = write_session(root / "before", agent="steady-2", skill=5.5, seed=1, gate=a_gate())
        after = write_session(root / "after", agent="steady-3", skill=7.2, seed=2, gate=a_gate())
        make_page(root / "one.html", before)
        make_page(root / "two.html", before, after)
        with sync_playwright() as playwright:
            program = os.environ.get("METR_TEST_CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            for name, (page, hash_, there, dark, height) in PICTURES.items():
                size = {"width": 1120, "height": height}
                tab = browser.new_page(viewport=size, color_scheme="dark" if dark else "light")  # type: ignore[arg-type]
                tab.goto((root / page).as_uri() + hash_)
                tab.locator(there).first.wait_for()
                tab.wait_for_timeout(300)
                tab.screenshot(path=folder / f"report-{name}.png")
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
