"""A verdict for people: lines for a terminal, Markdown for the page of a CI job."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from pytest_metr.gate import words
from pytest_metr.texts import escape_markdown, printable
from pytest_metr.types import RuleResult, Verdict

_SIGNS = {"passed": "✅", "failed": "❌", "inconclusive": "⚠️", "unknown": "⚠️"}


def verdict_lines(verdict: Verdict, width: int) -> list[str]:
    """Return the verdict as text: the verdict, why, each rule, the required checks that passed.

    :param width: columns of the terminal, to which the text is wrapped.
    """
    lines = [f"gate {verdict.gate}: {verdict.verdict.upper()} (exit status {verdict.exit_status})"]
    lines += [f"  why: {reason}" for reason in _conditions(verdict)]
    lines += [f"  {rule.verdict}: {rule.sentence}" for rule in verdict.rules]
    # One that did not pass is already among the reasons.
    lines += [f"  check {check.name} passed: {check.sentence}" for check in verdict.checks if check.verdict == "passed"]
    return [part for line in lines for part in _wrap(line, width)]


def verdict_markdown(verdict: Verdict) -> str:
    """Return the verdict as Markdown: the verdict first, then why, a table of rules, a table of required checks.

    Names of agents and tasks are somebody else's words: nothing in them is taken for markup.
    """
    parts = [f"## {_SIGNS[verdict.verdict]} Gate {escape_markdown(verdict.gate)}: {verdict.verdict}", ""]
    parts += [escape_markdown(verdict.sentence), ""]
    conditions = _conditions(verdict)
    if conditions:
        parts += ["Nothing can pass as long as:", "", *(f"- {escape_markdown(reason)}" for reason in conditions), ""]
    parts += _table(("verdict", "agent", "rule", "judged", "finding"), [_rule_cells(rule) for rule in verdict.rules])
    if verdict.checks:
        checks = [(f"{_SIGNS[check.verdict]} {check.verdict}", check.name, check.sentence) for check in verdict.checks]
        parts += ["", *_table(("verdict", "required check", "finding"), checks)]
    parts += ["", f"Exit status {verdict.exit_status}: 0 is passed, 1 failed, 20 inconclusive."]
    return "\n".join(parts) + "\n"


def append_step_summary(path: Path, markdown: str) -> None:
    """Append to the file that ``GITHUB_STEP_SUMMARY`` names, below what other steps have written there.

    :raises OSError: where it cannot be written.
    """
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(f"\n{markdown}" if file.tell() else markdown)


def _conditions(verdict: Verdict) -> list[str]:
    """Return the reasons that are no rule's: those are shown with their rules."""
    sentences = {rule.sentence for rule in verdict.rules}
    return [reason for reason in verdict.reasons if reason not in sentences]


def _wrap(line: str, width: int) -> list[str]:
    indent = "    " if line.startswith("  ") else "  "
    first = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        printable(line), max(width, 20), initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
    )


def _rule_cells(rule: RuleResult) -> tuple[str, ...]:
    judged = "none" if rule.judged is None else words.interval(rule.metric, rule.judged, beside=rule.threshold)
    # The sentence begins with the agent, which has a column of its own.
    finding = rule.sentence.removeprefix(f"{words.name(rule.agent)}: ")
    return f"{_SIGNS[rule.verdict]} {rule.verdict}", words.name(rule.agent), rule.name, judged, finding


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(escape_markdown(cell) for cell in row)} |" for row in rows]
    return [f"| {' | '.join(titles)} |", f"| {' | '.join('---' for _ in titles)} |", *lines]
