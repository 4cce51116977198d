"""The tables of a :class:`~pytest_metr.types.ScoreResult`: as plain text and as Markdown."""

from pytest_metr.report.results.markdown import result_markdown
from pytest_metr.report.results.text import result_lines

__all__ = ["result_lines", "result_markdown"]
