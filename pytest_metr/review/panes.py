"""The parts of the screen: the list of runs, and what there is to read of one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pytest_metr.report.layout import shorten
from pytest_metr.review.events import MOST_SHOWN, ShownEvent
from pytest_metr.review.transcript import TranscriptReader
from pytest_metr.texts import printable
from pytest_metr.types import Finding, LabelName, RunRecord

#: Columns that the list takes of a run beside its name.
_BESIDE = 11
#: One letter for each label, and how it is shown.
MARKS: dict[LabelName | None, tuple[str, str]] = {
    None: (" ", ""),
    "real": ("R", "bold"),
    "spurious": ("S", "bold yellow"),
    "tradeoff": ("T", "bold cyan"),
    "success_doubtful": ("D", "bold magenta"),
}


def plain(lines: Iterable[str]) -> Text:
    """Return lines as text in which nothing is markup."""
    return Text("\n".join(lines), overflow="fold")


class RunList(OptionList):
    """The runs to be read, each with what this reader has said of it."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def show(
        self, runs: Sequence[RunRecord], words: Sequence[LabelName | None], findings: Sequence[Finding | None]
    ) -> None:
        """Fill the list anew, and stay at the same run."""
        place, room = self.highlighted, max(self.size.width - _BESIDE, 8)
        self.clear_options()
        self.add_options(
            [Option(_line(run, word, finding, room)) for run, word, finding in zip(runs, words, findings, strict=True)]
        )
        self.highlighted = place if place is not None else (0 if runs else None)


def _line(run: RunRecord, word: LabelName | None, finding: Finding | None, room: int) -> Text:
    letter, style = MARKS[word]
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(letter, style=style)
    line.append("!" if finding is not None and finding.disputed else " ", style="bold red")
    line.append(f"{run.score:5.2f} " if run.score is not None else "    - ", style="dim")
    line.append(shorten(f"{printable(run.task_id)} {run.run}", room))
    return line


class TranscriptPane(OptionList):
    """The events of a transcript, one an entry; enter opens and closes it. More is read towards the end."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "select", "open", show=False)]

    def __init__(self) -> None:
        super().__init__(id="transcript")
        self._reader = TranscriptReader(None)
        self._open: set[int] = set()

    def read(self, reader: TranscriptReader) -> None:
        """Show another transcript, from its beginning."""
        self._reader, self._open = reader, set()
        self.clear_options()
        self._append(reader.more())
        if not reader.events:
            self.add_option(Option(plain([reader.problem or "the transcript is empty"]), disabled=True))

    def _append(self, events: Sequence[ShownEvent]) -> None:
        first = self.option_count
        self.add_options([Option(_event(event, opened=first + n in self._open)) for n, event in enumerate(events)])

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Read on where the end of what was read comes near."""
        event.stop()
        if event.option_index >= self.option_count - 5:
            self._append(self._reader.more())

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open an event, or close it."""
        event.stop()
        place = event.option_index
        self._open ^= {place}
        self.replace_option_prompt_at_index(place, _event(self._reader.events[place], opened=place in self._open))

    def find(self, words: str, *, backwards: bool = False) -> bool:
        """Go to the next event that has *words* in it, and open it; return whether there is one.

        Behind the last event comes the first.
        """
        start = self.highlighted if self.highlighted is not None else -1
        place = self._reader.find(words, start, backwards=backwards)
        if place is None:
            place = self._reader.find(words, len(self._reader.events) if backwards else -1, backwards=backwards)
        self._append(self._reader.events[self.option_count :])
        if place is None:
            return False
        self._open.add(place)
        self.replace_option_prompt_at_index(place, _event(self._reader.events[place], opened=True))
        self.highlighted = place
        return True


def _event(event: ShownEvent, *, opened: bool) -> Text:
    text = Text(event.title, style="bold", overflow="fold")
    for line in event.body if opened else event.folded():
        text.append(f"\n{line}", style="not bold")
    if opened and event.cut:
        text.append(
            f"\n... {event.cut} characters after the first {MOST_SHOWN} are in the file alone", style="not bold dim"
        )
    return text
