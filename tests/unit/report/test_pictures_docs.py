"""The page about pictures: its program runs, and draws a picture like the one that is shown."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="pictures need the extra `report`")

DOCS = Path(__file__).parents[3] / "docs"


def test_the_program_of_the_page_draws_its_picture(tmp_path: Path) -> None:
    page = (DOCS / "pictures.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "0 [0, 3.29 min]" in done.stdout
    drawn, shown = (
        ElementTree.parse(file).getroot() for file in (tmp_path / "overview.svg", DOCS / "images/overview.svg")
    )
    # Its size is the layout; the shapes of letters may change with the version of matplotlib.
    assert drawn.get("viewBox") == shown.get("viewBox")
