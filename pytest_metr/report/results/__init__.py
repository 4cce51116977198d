"""The tables of a :class:`~pytest_metr.types.ScoreResult`: as plain text and as Markdown."""

from typing import TYPE_CHECKING

from pytest_metr.on_demand import on_demand

if TYPE_CHECKING:
    from pytest_metr.report.results.markdown import result_markdown as result_markdown
    from pytest_metr.report.results.text import result_lines as result_lines
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        markdown="result_markdown",
        text="result_lines",
    )
