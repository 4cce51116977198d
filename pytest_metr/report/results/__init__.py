"""The tables of a :class:`~pytest_metr.types.ScoreResult`: as plain text and as Markdown."""

from pytest_metr.report.results.elicited import elicitation_lines
from pytest_metr.report.results.markdown import result_markdown
from pytest_metr.report.results.text import result_lines

__all__ = ["elicitation_lines", "result_lines", "result_markdown"]
