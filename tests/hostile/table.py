"""The tables of docs/hostile.md, made of the cases: ``python -m tests.hostile.table`` prints them."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.conformance.providers import REAL
from tests.hostile.case import Case
from tests.hostile.registry import CASES, THEMES


def lines() -> Iterator[str]:
    """Yield the lines from the first theme's heading to the last limit."""
    for theme, cases in THEMES.items():
        yield from (f"## {theme}", "")
        yield f"| case | an agent | what holds | {' | '.join(REAL)} |"
        yield "| --- " * (3 + len(REAL)) + "|"
        for case in cases:
            words = (_word(case, provider) for provider in REAL)
            yield f"| `{case.name}` | {case.tries} | {case.holds} | {' | '.join(words)} |"
        yield ""
    yield from ("## Limits", "", "| case | provider | what happens instead |", "| --- | --- | --- |")
    for case in CASES.values():
        for provider, limit in case.limits.items():
            yield f"| `{case.name}` | {provider} | {limit} |"


def _word(case: Case, provider: str) -> str:
    return "[limit](#limits)" if provider in case.limits else "holds"


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
