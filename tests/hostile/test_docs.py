"""docs/hostile.md says of every case what it is and which provider withstands it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conformance.providers import REAL
from tests.hostile.registry import CASES, THEMES
from tests.hostile.table import lines

DOCS = Path(__file__).parents[2] / "docs" / "hostile.md"


def test_the_docs_have_the_tables_of_the_cases_and_no_other() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert "\n".join(lines()) + "\n" in text
    named = re.findall(r"^\| `(\w+)` \| (?!bubblewrap|docker)", text, re.MULTILINE)
    assert named == list(CASES)


def test_names_are_used_once_and_limits_name_providers_that_there_are() -> None:
    assert sum(len(cases) for cases in THEMES.values()) == len(CASES) >= 48
    for case in CASES.values():
        assert set(case.limits) <= set(REAL), case.name
