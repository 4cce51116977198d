"""What is asked of a reader: a category and a note, or words to look for; and the help."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Key, Paste
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from pytest_metr.review.desk import Word
from pytest_metr.types import CATEGORIES, LabelName

HELP = """
1 real            the score shows what the agent can do
2 spurious        a failure that a little more work would have prevented
3 tradeoff        a failure that could be prevented only at the price of others
4 doubtful        a success that may be none
s                 take over what is suggested, after a look at it
u                 take back what you have said of this run

j k               next run, run before        tab      list of runs, or what is read
i t o g f         instructions, transcript, submission (hand-in), scoring, facts
enter             open or close an event      / n N    search the transcript
?                 this help                   q        quit; all is saved at once
"""


class NoteInput(Input):
    """A note on one line."""

    def _on_paste(self, event: Paste) -> None:
        """Take all lines of what is pasted; an input by itself takes the first, and says nothing of the others."""
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor(" ".join(event.text.split()))


class Asked(ModalScreen[Word | None]):
    """Asks why, and for a note; enter in the note saves, escape gives up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "give up")]

    def __init__(self, label: LabelName, *, category: str | None = None, because: str = "") -> None:
        super().__init__()
        self._label = label
        self._category = category
        self._because = because

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        letters = zip("abcdefgh", CATEGORIES.items(), strict=True)
        options = [Option(Text(f"{letter}  {name:<15} {meaning}"), id=name) for letter, (name, meaning) in letters]
        with Vertical(id="dialog"):
            suggested = f"   suggested, because {self._because}" if self._because else ""
            yield Static(Text(f"{self._label}: why?{suggested}", style="bold"))
            yield OptionList(*options, Option(Text("-  no category"), id=""), id="categories")
            yield NoteInput(placeholder="note; enter saves, escape gives up", id="note")

    def on_mount(self) -> None:
        """Begin with the category that is known already."""
        categories = self.query_one(OptionList)
        categories.focus()
        names = [*CATEGORIES, ""]
        categories.highlighted = names.index(self._category or "")

    def on_key(self, event: Key) -> None:
        """Take a category's letter, and go on to the note."""
        categories = self.query_one(OptionList)
        if categories.has_focus and event.character is not None and event.character in "abcdefgh-":
            event.stop()
            categories.highlighted = "abcdefgh-".index(event.character)
            self.query_one(Input).focus()

    def on_option_list_option_selected(self) -> None:
        """Go on to the note."""
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return what was said."""
        event.stop()
        categories = self.query_one(OptionList)
        place = categories.highlighted
        chosen = categories.get_option_at_index(place).id if place is not None else None
        self.dismiss(Word(label=self._label, category=chosen or None, note=event.value.strip()))

    def action_give_up(self) -> None:
        """Say nothing."""
        self.dismiss(None)


class Search(ModalScreen[str | None]):
    """Asks for words to look for."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "give up")]

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical(id="dialog"):
            yield Input(placeholder="look for; enter finds, escape gives up")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the words."""
        event.stop()
        self.dismiss(event.value or None)

    def action_give_up(self) -> None:
        """Look for nothing."""
        self.dismiss(None)


class Help(ModalScreen[None]):
    """Shows the keys until any of them is pressed."""

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical(id="dialog"):
            yield Static(Text(HELP.strip("\n")))

    def on_key(self, event: Key) -> None:
        """Go away."""
        event.stop()
        self.dismiss(None)
