"""The program, used by a reader who presses keys."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Static, TabbedContent

from pytest_metr.report.labels import read_labels
from pytest_metr.review.app import ReviewApp
from pytest_metr.review.choice import readable
from pytest_metr.review.desk import Desk
from pytest_metr.review.dialogs import NoteInput
from pytest_metr.review.panes import RunList, TranscriptPane
from pytest_metr.types import RunRecord
from tests.unit.review.sessions import HOSTILE, events, some_runs, write_session

Reader = Callable[[Pilot[None], ReviewApp], Awaitable[None]]


def use(
    folder: Path,
    reader: Reader,
    *,
    runs: list[RunRecord] | None = None,
    size: tuple[int, int] = (110, 32),
    **desk: object,
) -> None:
    """Let a reader use the program."""
    session = write_session(folder, some_runs()) if runs is None else write_session(folder, runs)

    async def used() -> None:
        app = ReviewApp(Desk(session, readable(session.runs), reviewer="ada", **desk))  # type: ignore[arg-type]
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await reader(pilot, app)

    asyncio.run(used())


def said(folder: Path) -> list[tuple[str, str | None, str | None, str]]:
    return [(label.run_id[0], label.label, label.category, label.note) for label in read_labels(folder).labels]


def shown(app: ReviewApp, part: str) -> str:
    return str(app.query_one(f"#text-{part}", Static).content)


def test_a_run_is_read_and_labelled(tmp_path: Path) -> None:
    async def reader(pilot: Pilot[None], app: ReviewApp) -> None:
        assert app.run_in_hand.family == "a"
        assert app.query_one(TranscriptPane).option_count == len(events())
        assert "Do it." in shown(app, "i")
        await pilot.press("2", "f", *"no clue", "enter")
        assert said(tmp_path) == [("a", "spurious", "misread", "no clue")]
        assert app.run_in_hand.family == "b"
        await pilot.press("1", "enter", "enter")
        assert said(tmp_path)[1:] == [("b", "real", None, "")]
        assert "ada · 2 of 5 read" in str(app.query_one("#standing", Static).content)
        await pilot.press("k", "u")
        assert said(tmp_path)[2:] == [("b", None, None, "")]
        assert "ada · 1 of 5 read" in str(app.query_one("#standing", Static).content)

    use(tmp_path, reader)


def test_all_lines_of_what_is_pasted_into_a_note_are_kept(tmp_path: Path) -> None:
    async def reader(pilot: Pilot[None], app: ReviewApp) -> None:
        await pilot.press("1", "enter")
        app.screen.query_one(NoteInput).post_message(Paste("one\n\ttwo\r\nthree"))
        await pilot.press("!", "enter")
        assert said(tmp_path) == [("a", "real", None, "one two three!")]

    use(tmp_path, reader)


def test_a_label_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    async def reader(pilot: Pilot[None], app: ReviewApp) -> None:
        await pilot.press("4")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        await pilot.press("j", "j", "j", "j", "2", "u")
        await pilot.pause()
        assert app.run_in_hand.family == "e"
        assert len(app.screen_stack) == 1
        await pilot.press("4", "h", "enter")
        assert said(tmp_path) == [("e", "success_doubtful", "other", "")]

    use(tmp_path, reader)


def test_a_suggestion_is_a_label_only_once_it_is_taken_over(tmp_path: Path) -> None:
    async def reader(pilot: Pilot[None], app: ReviewApp) -> None:
        await pilot.press("s")
        assert len(app.screen_stack) == 1  # nothing is suggested for the first run
        await pilot.press("j", "j")
        await pilot.pause()
        assert "suggested   spurious (refusal)" in shown(app, "f")
        assert said(tmp_path) == []
        await pilot.press("s", "escape")
        assert said(tmp_path) == []
        await pilot.press("s", "enter", "enter")
        assert said(tmp_path) == [("c", "spurious", "refusal", "")]

    use(tmp_path, reader)


def test_readers_see_where_they_disagree_and_settle_it(tmp_path: Path) -> None:
    async def first(pilot: Pilot[None], app: ReviewApp) -> None:
        await pilot.press("1", "enter", "enter", "2", "enter", "enter")

    async def second(pilot: Pilot[None], app: ReviewApp) -> None:
        app._desk.reviewer = "bo"
        await pilot.press("k", "k", "2", "enter", "enter", "2", "enter", "enter")
        standing = str(app.query_one("#standing", Static).content)
        assert "1 disputed · kappa 0.00 with ada (2)" in standing
        await pilot.press("k", "k")
        await pilot.pause()
        assert "disputed    the readers disagree" in shown(app, "f")

    async def third(pilot: Pilot[None], app: ReviewApp) -> None:
        app._desk.reviewer = "cy"
        await pilot.press("k", "k", "3", "enter", "enter")
        assert "disputed" not in str(app.query_one("#standing", Static).content)
        assert app._desk.findings["a-t-gpt-1"].label == "tradeoff"

    use(tmp_path, first)
    use(tmp_path, second)
    use(tmp_path, third, settles=True)


def test_events_are_opened_searched_and_read_on(tmp_path: Path) -> None:
    async def reader(pilot: Pilot[None], app: ReviewApp) -> None:
        pane = app.query_one(TranscriptPane)
        await pilot.press("t")
        pane.highlighted = 4
        await pilot.press("enter")
        assert "\n  49" in str(pane.get_option_at_index(4).prompt)
        await pilot.press("enter")
        assert "... 40 more lines" in str(pane.get_option_at_index(4).prompt)
        await pilot.press("slash", *"I LOOK", "enter")
        await pilot.pause()
        assert pane.highlighted == 3
        await pilot.press("slash", *"nowhere", "enter", "n", "N")
        await pilot.pause()
        assert pane.highlighted == 3
        for key, part in (("o", "part-o"), ("g", "part-g"), ("i", "part-i"), ("f", "part-f")):
            await pilot.press(key)
            assert app.query_one("#parts", TabbedContent).active == part

    use(tmp_path, reader)


def test_nothing_that_is_read_acts(tmp_path: Path) -> None:
    runs = [run for run in some_runs() if run.family == "d"]

    async def reader(pilot: Pilot[None], app: ReviewApp) -> None:
        await pilot.press("t", "end", "enter", "enter")
        for part in "fog":
            await pilot.press(part)
            assert "[bold]no[/bold] [@click=app.quit]go[/] " in shown(app, part)
        await pilot.click("#text-o")
        svg = app.export_screenshot()
        assert all(char.isprintable() or char in "\n\t" for char in svg)
        assert app.is_running

    use(tmp_path, reader, runs=runs)
    assert HOSTILE.startswith("[bold]")


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (200, 60)])
def test_it_fits_into_any_terminal(tmp_path: Path, size: tuple[int, int]) -> None:
    async def reader(pilot: Pilot[None], app: ReviewApp) -> None:
        await pilot.press("question_mark")
        await pilot.press("x", "2", "escape", "t", "f")
        runs = app.query_one(RunList)
        assert 0 < runs.size.width < size[0]
        assert app.query_one("#parts").size.width >= size[0] // 2

    use(tmp_path, reader, size=size)


def test_control_c_ends_it_with_all_that_was_said(tmp_path: Path) -> None:
    async def reader(pilot: Pilot[None], app: ReviewApp) -> None:
        await pilot.press("1", "enter", "enter", "2", "ctrl+c")
        await pilot.pause()
        assert not app.is_running
        assert said(tmp_path) == [("a", "real", None, "")]

    use(tmp_path, reader)


def test_a_disk_that_refuses_loses_nothing_that_was_said(tmp_path: Path) -> None:
    async def reader(pilot: Pilot[None], app: ReviewApp) -> None:
        await pilot.press("1", "enter", "enter")
        (tmp_path / "labels.jsonl").rename(tmp_path / "kept.jsonl")
        (tmp_path / "labels.jsonl").mkdir()
        await pilot.press("1", "enter", "enter")
        await pilot.pause()
        assert app.is_running
        assert app.run_in_hand.family == "b"

    use(tmp_path, reader)
