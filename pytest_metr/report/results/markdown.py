"""A result as Markdown for the page of a CI job."""

from __future__ import annotations

from pytest_metr.report.markup import markdown_lines
from pytest_metr.report.results.remarks import about, checks_line, protocol_line, remarks
from pytest_metr.report.results.tables import Table, agent_table, bracket_table
from pytest_metr.texts import escape_markdown
from pytest_metr.types import ScoreResult


def result_markdown(result: ScoreResult) -> str:
    """Return a result as Markdown: tables of agents and of brackets, the remarks, the protocol.

    Names and sentences are escaped, so that no text of an agent or a task can make markup, links or mentions.
    """
    parts = [table_markdown(agent_table(result))]
    brackets = bracket_table(result)
    if brackets is not None:
        parts.append(table_markdown(brackets))
    lines = [
        f"- {remark.kind}: {escape_markdown(about(remark, len(result.agents)))}: {escape_markdown(remark.sentence)}"
        for remark in remarks(result)
    ]
    summary = checks_line(result)
    if summary is not None:
        lines.append(f"- {summary}")
    if lines:
        parts.append("\n".join(lines))
    parts.append(escape_markdown(protocol_line(result.protocol)))
    if result.sources:
        parts.append(f"runs from {escape_markdown(', '.join(result.sources))}")
    return "\n\n".join(parts) + "\n"


def table_markdown(table: Table) -> str:
    """Return a table as Markdown, whatever its names could do escaped."""
    lines = [[escape_markdown(table.title), *(escape_markdown(column.title) for column in table.columns)]]
    for row, name in enumerate(table.names):
        cells = [column.cells[row] for column in table.columns]
        lines.append([escape_markdown(name), *(f"{number} {beside}".strip() for number, beside in cells)])
    return "\n".join(markdown_lines(lines))
