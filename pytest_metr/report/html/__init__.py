"""A page to look at: verdict, numbers, plots, every run and every transcript, in one file or one folder."""

from pytest_metr.report.html.content import Content, Side
from pytest_metr.report.html.write import write_file, write_folder

__all__ = ["Content", "Side", "write_file", "write_folder"]
