"""A page in inches from its upper left corner, and text that is sure to fit on it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path

from pytest_metr.report.layout import shorten
from pytest_metr.texts import printable

#: matplotlib brings this font along, so that text has the same size everywhere.
_FONT = "DejaVu Sans"
_STYLE = {
    "font.family": _FONT,
    "font.size": 8,
    "text.parse_math": False,
    "text.usetex": False,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "path",
    "svg.hashsalt": "pytest-metr",
}
_POINTS_PER_INCH = 72
_DOTS_PER_INCH = 200
#: No name is read further than this before it is measured.
_LONGEST = 200

SMALL, NORMAL, LARGE = 6.5, 7.5, 9.0
INK, PALE = "#222222", "#6b6b6b"


@contextmanager
def own_style() -> Iterator[None]:
    """Draw in the style of these pictures, whatever the caller's own is, and leave that as it was."""
    with matplotlib.style.context(["default", _STYLE]):
        yield


class Page:
    """A figure of a certain size, in inches."""

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self.figure = Figure(figsize=(width, height), facecolor="white")

    def axes(self, *, left: float, top: float, width: float, height: float) -> Axes:
        """Return new axes whose frame is there."""
        bottom = self.height - top - height
        return self.figure.add_axes((left / self.width, bottom / self.height, width / self.width, height / self.height))

    def text(self, text: str, *, left: float, top: float, room: float, size: float = NORMAL, **style: Any) -> None:
        """Write a line whose upper end is at *top*, shortened to *room*."""
        bold = style.get("weight") == "bold"
        self.figure.text(
            left / self.width,
            1 - top / self.height,
            fitted(text, room, size=size, bold=bold),
            **{"va": "top", "fontsize": size, "color": INK, **style},
        )

    def encoded(self, kind: str) -> bytes:
        """Return the page as a file of that kind, without a date, so that it is always the same."""
        buffer = io.BytesIO()
        # A PNG file has no date of its own.
        metadata = {"Date": None} if kind == "svg" else None
        self.figure.savefig(buffer, format=kind, dpi=_DOTS_PER_INCH, metadata=metadata)
        return buffer.getvalue()


def fitted(text: str, room: float, *, size: float, bold: bool = False) -> str:
    """Return *text* on one line of glyphs that the font has, its middle left out where it is wider than *room*."""
    whole = _drawable(shorten(printable(text), _LONGEST))
    if text_width(whole, size=size, bold=bold) <= room:
        return whole
    fits, too_long = 3, len(whole)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if text_width(shorten(whole, middle), size=size, bold=bold) <= room:
            fits = middle
        else:
            too_long = middle
    return shorten(whole, fits)


def text_width(text: str, *, size: float, bold: bool = False) -> float:
    """Return the width of a line of :func:`fitted` text in inches."""
    width, _, _ = text_to_path.get_text_width_height_descent(text, _font(bold=bold, size=size), ismath=False)
    return float(width) / _POINTS_PER_INCH


def _drawable(text: str) -> str:
    """Return *text* with its code in the place of every character that the font has no glyph for."""
    fonts = [get_font(findfont(_font(bold=bold))) for bold in (False, True)]
    return "".join(c if all(font.get_char_index(ord(c)) for font in fonts) else _code(c) for c in text)


def _code(character: str) -> str:
    return character.encode("ascii", "backslashreplace").decode("ascii")


def _font(*, bold: bool, size: float = NORMAL) -> FontProperties:
    return FontProperties(family=_FONT, weight="bold" if bold else "normal", size=size)
