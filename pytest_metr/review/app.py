"""The program: runs on the left, what there is to read of one of them on the right, who reads below."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import OptionList, Static, TabbedContent, TabPane

from pytest_metr.errors import InfrastructureError
from pytest_metr.review.desk import Desk, Word
from pytest_metr.review.dialogs import Asked, Help, Search
from pytest_metr.review.facts import fact_lines, scoring_lines, submission_lines
from pytest_metr.review.panes import RunList, TranscriptPane, plain
from pytest_metr.review.suggestions import suggest
from pytest_metr.texts import printable, visible
from pytest_metr.types import LABELS, RunRecord

#: The key of each part, and its title.
PARTS = {"f": "Facts", "i": "Instructions", "t": "Transcript", "o": "Submission", "g": "Scoring"}
_STYLE = """
RunList { width: 38; max-width: 36%; border: none; border-right: solid $panel; padding: 0; scrollbar-size-vertical: 1; }
#parts { width: 1fr; }
#parts VerticalScroll { padding: 0 1; }
TranscriptPane { border: none; height: 1fr; padding: 0; scrollbar-size-vertical: 1; }
TranscriptPane > .option-list--option-highlighted { background: $boost; color: $foreground; text-style: none; }
TranscriptPane:focus > .option-list--option-highlighted {
    background: $boost; color: $foreground; text-style: none;
}
VerticalScroll { scrollbar-size-vertical: 1; }
#standing { height: 1; padding: 0 1; background: $panel; }
Asked, Search, Help { align: center middle; }
#dialog {
    width: 90%; max-width: 100; height: auto; max-height: 90%;
    border: round $accent; padding: 0 1; background: $surface;
}
#categories { height: auto; max-height: 12; border: none; }
"""


class ReviewApp(App[None]):
    """Walks a reader through runs, and writes down what they say.

    :param desk: the runs, and what is said of them.
    """

    CSS = _STYLE
    TITLE = "pytest-metr review"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"label('{label}')", label) for number, label in enumerate(LABELS, start=1)),
        Binding("s", "suggested", "suggested"),
        Binding("u", "take_back", "take back"),
        Binding("j", "go(1)", "next"),
        Binding("k", "go(-1)", "before", show=False),
        Binding("slash", "search", "search", show=False),
        Binding("n", "again(1)", show=False),
        Binding("N", "again(-1)", show=False),
        *(Binding(key, f"part('{key}')", show=False) for key in PARTS),
        Binding("question_mark", "help", "help"),
        Binding("q", "quit", "quit"),
        Binding("ctrl+c", "quit", show=False, priority=True),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._words = ""

    def compose(self) -> ComposeResult:
        """Make the screen."""
        with Horizontal():
            yield RunList(id="runs")
            with TabbedContent(id="parts", initial="part-t"):
                for key, title in PARTS.items():
                    with TabPane(f"{title} ({key})", id=f"part-{key}"):
                        if key == "t":
                            yield TranscriptPane()
                        else:
                            yield VerticalScroll(Static(id=f"text-{key}"), can_focus=True)
        yield Static(id="standing")

    def on_mount(self) -> None:
        """Begin with the first run that this reader has not read."""
        self.call_after_refresh(self._begin)  # the list then knows how wide it is

    def _begin(self) -> None:
        self._show_runs()
        unread = [place for place, run in enumerate(self._desk.runs) if self._desk.own_word(run) is None]
        self._list.highlighted = unread[0] if unread else 0
        self._list.focus()

    @property
    def _list(self) -> RunList:
        return self.query_one(RunList)

    @property
    def run_in_hand(self) -> RunRecord:
        """The run that is shown."""
        return self._desk.runs[self._list.highlighted or 0]

    def _show_runs(self) -> None:
        desk = self._desk
        self._list.show(
            desk.runs, [desk.own_word(run) for run in desk.runs], [desk.findings.get(run.run_id) for run in desk.runs]
        )
        self._show_standing()

    def _show_standing(self) -> None:
        keys = "1-4 label, ? help, q quit"
        self.query_one("#standing", Static).update(Text(f"{printable(self._desk.standing())} · {keys}", no_wrap=True))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show another run."""
        if event.option_list is self._list:
            self._show_run(self._desk.runs[event.option_index])

    def _show_run(self, run: RunRecord) -> None:
        reader = self._desk.transcript(run)
        self.query_one(TranscriptPane).read(reader)
        told = (
            ["the transcript does not say"] if reader.instructions is None else visible(reader.instructions).split("\n")
        )
        texts = {"i": told, "o": submission_lines(run), "g": scoring_lines(run)}
        for key, lines in texts.items():
            self.query_one(f"#text-{key}", Static).update(plain(lines))
        self._show_facts(run)

    def _show_facts(self, run: RunRecord) -> None:
        lines = fact_lines(run, self._desk.findings.get(run.run_id))
        self.query_one("#text-f", Static).update(plain(lines))

    # What keys do

    def action_go(self, step: int) -> None:
        """Go to another run."""
        place = (self._list.highlighted or 0) + step
        if 0 <= place < len(self._desk.runs):
            self._list.highlighted = place

    def action_part(self, key: str) -> None:
        """Show a part of what there is to read, and let keys go to it."""
        parts = self.query_one("#parts", TabbedContent)
        parts.active = f"part-{key}"
        pane = self.query_one(f"#part-{key}", TabPane)
        pane.query("TranscriptPane, VerticalScroll").first().focus()

    def action_label(self, label: str) -> None:
        """Ask why, and write the label down."""
        run = self.run_in_hand
        [name] = [known for known in LABELS if known == label]
        problem = self._desk.unfit(run, name)
        if problem is not None:
            self.notify(problem, severity="warning", markup=False)
            return
        suggestion = suggest(run)
        fits = suggestion is not None and suggestion.label == name
        self._ask(run, Asked(name, category=suggestion.category if fits and suggestion is not None else None))

    def action_suggested(self) -> None:
        """Ask whether what is suggested is what the reader says."""
        run = self.run_in_hand
        suggestion = suggest(run)
        if suggestion is None:
            self.notify("nothing is suggested for this run", severity="warning", markup=False)
            return
        self._ask(run, Asked(suggestion.label, category=suggestion.category, because=suggestion.because))

    def _ask(self, run: RunRecord, dialog: Asked) -> None:
        self.push_screen(dialog, lambda word: self._say(run, word) if word is not None else None)

    def action_take_back(self) -> None:
        """Take back what the reader has said of the run."""
        run = self.run_in_hand
        if self._desk.own_word(run) is None:
            self.notify("you have said nothing of this run", severity="warning", markup=False)
        else:
            self._say(run, None)

    def _say(self, run: RunRecord, word: Word | None) -> None:
        try:
            self._desk.say(run, word)
        except InfrastructureError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self._show_runs()
        self._show_facts(run)
        if word is not None:
            self.action_go(1)

    def action_search(self) -> None:
        """Ask for words, and go to the next event that has them."""
        self.action_part("t")
        self.push_screen(Search(), lambda words: self._find(words) if words else None)

    def _find(self, words: str) -> None:
        self._words = words
        self.action_again(1)

    def action_again(self, step: int) -> None:
        """Go to the next event with the words, or to the one before."""
        if self._words and not self.query_one(TranscriptPane).find(self._words, backwards=step < 0):
            self.notify(f"not found: {printable(self._words)}", severity="warning", markup=False)

    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(Help())
