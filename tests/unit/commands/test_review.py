"""``pytest-metr review`` without its program, and its start at a real terminal."""

from __future__ import annotations

import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.report.labels import read_labels
from tests.unit.commands.command import Command
from tests.unit.review.sessions import HOSTILE, some_runs, write_session


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_session(tmp_path / "session", some_runs())
    return tmp_path / "session"


def lines(file: Path, *labels: dict[str, Any]) -> Path:
    file.write_text("".join(json.dumps(label) + "\n" for label in labels), encoding="utf-8")
    return file


REAL = {"run_id": "a-t-gpt-1", "label": "real", "reviewer": "ada"}
SPURIOUS = {"run_id": "b-t-gpt-1", "label": "spurious", "category": "refusal", "note": HOSTILE, "reviewer": "ada"}


def test_labels_come_from_elsewhere_and_are_told(command: Command, folder: Path, tmp_path: Path) -> None:
    took = command(
        "review", folder, "--import", lines(tmp_path / "in.jsonl", REAL, SPURIOUS, {**REAL, "reviewer": "bo"})
    )
    assert (took.status, took.out) == (0, f"3 labels of 2 runs taken from {tmp_path / 'in.jsonl'}\n")
    document = command("review", folder, "--json").json("review")
    assert [label["source"] for label in document["labels"]] == ["import in.jsonl"] * 3
    assert {finding["run_id"]: finding["label"] for finding in document["findings"]} == {
        "a-t-gpt-1": "real",
        "b-t-gpt-1": "spurious",
    }
    [suggestion] = document["suggestions"]
    assert (suggestion["run_id"], suggestion["category"]) == ("c-t-gpt-1", "refusal")
    said = command("review", folder, "--summary").out
    assert "2 of 5 runs read: 1 real, 1 spurious" in said
    assert "ada and bo agree on 1 of 1 runs that both have read (no kappa)" in said
    assert "suggestions count for nothing" in said


def test_what_was_told_can_be_taken_elsewhere(command: Command, folder: Path, tmp_path: Path) -> None:
    command("review", folder, "--import", lines(tmp_path / "in.jsonl", REAL, SPURIOUS))
    (tmp_path / "out.json").write_text(command("review", folder, "--json").out, encoding="utf-8")
    write_session(tmp_path / "other", some_runs())
    assert command("review", tmp_path / "other", "--import", tmp_path / "out.json").status == 0
    assert read_labels(tmp_path / "other").labels == read_labels(folder).labels
    assert command("review", tmp_path / "other", "--import", folder / "labels.jsonl").status == 0
    # A label that does not say which score its reader saw is of the run as it is.
    unscored = lines(tmp_path / "unscored.jsonl", {**REAL, "reviewer": "bo", "score": None})
    assert command("review", folder, "--import", unscored).status == 0
    assert read_labels(folder).labels[-1].score == 0


def test_nobody_is_no_reader(command: Command, folder: Path, tmp_path: Path) -> None:
    file = lines(tmp_path / "in.jsonl", {"run_id": "a-t-gpt-1", "label": "real"})
    line = command.refuses("review", folder, "--import", file, "--reviewer", "")
    assert line.endswith(": reviewer: expected text, found an empty text")


def test_disagreements_are_shown_with_their_notes(command: Command, folder: Path, tmp_path: Path) -> None:
    command(
        "review",
        folder,
        "--import",
        lines(tmp_path / "in.jsonl", SPURIOUS, {**SPURIOUS, "label": "real", "reviewer": "bo", "note": "no"}),
    )
    said = command("review", folder, "--summary").out
    assert "disputed:\n  b-t-gpt-1: ada spurious, bo real\n" in said
    assert all(char.isprintable() or char == "\n" for char in said)


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ({**REAL, "run_id": "z"}, "run_id: expected the id of a run with a score, found 'z'"),
        (
            {**REAL, "label": "reel"},
            "label: expected one of real, spurious, tradeoff, success_doubtful, found text (reel); did you",
        ),
        (
            {"run_id": "a-t-gpt-1", "reviewer": "ada"},
            "label: expected one of real, spurious, tradeoff, success_doubtful, found nothing",
        ),
        (
            {**REAL, "label": "success_doubtful"},
            "label: expected one of real, spurious, tradeoff for a run that failed, found 'success_doubtful'",
        ),
        ({**REAL, "category": "weather"}, "category: expected one of refusal, "),
        ({**REAL, "reviewer": ""}, "reviewer: expected text, found an empty text"),
        ({"run_id": "a-t-gpt-1", "label": "real"}, "reviewer: expected text, found nothing"),
        ({**REAL, "score": 0.5}, "score: expected the score of the run, 0, found a number (0.5)"),
        ({**REAL, "settles": "yes"}, "settles: expected true or false, found text (yes)"),
        ({**REAL, "notes": ""}, "notes: unknown key; expected one of run_id, "),
    ],
)
def test_a_wrong_label_is_one_line_and_none_is_taken(
    command: Command, folder: Path, tmp_path: Path, label: dict[str, Any], told: str
) -> None:
    file = lines(tmp_path / "in.jsonl", REAL, label)
    line = command.refuses("review", folder, "--import", file)
    assert line.startswith(f"{file}:2: {told}")
    assert read_labels(folder).labels == ()


def test_a_wrong_label_alone_in_its_file_is_named_by_its_line(command: Command, folder: Path, tmp_path: Path) -> None:
    file = lines(tmp_path / "in.jsonl", {**REAL, "settles": "yes"})
    assert command.refuses("review", folder, "--import", file).startswith(f"{file}:1: settles: ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected at least one label"),
        ("{torn", "in.jsonl:1: expected JSON"),
        ("[1]", "labels[0]: expected a label"),
        ("3", "expected labels, found a number"),
    ],
)
def test_a_file_that_holds_no_labels(command: Command, folder: Path, tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "in.jsonl").write_text(text, encoding="utf-8")
    assert told in command.refuses("review", folder, "--import", tmp_path / "in.jsonl")


def test_labels_from_standard_input(command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps({"run_id": "a-t-gpt-1", "label": "real"})))
    assert command("review", folder, "--import", "-", "--reviewer", "bo").status == 0
    [label] = read_labels(folder).labels
    assert (label.reviewer, label.score, label.source) == ("bo", 0.0, "import standard input")


def test_what_cannot_be_read(command: Command, folder: Path, tmp_path: Path) -> None:
    line = command.refuses("review", folder)
    assert line == "expected a terminal to read at; --summary, --json and --import need none"
    assert "expected the folder of a session" in command.refuses("review", tmp_path)
    assert "--import: cannot be read" in command.refuses("review", folder, "--import", tmp_path / "none").replace(
        str(tmp_path), ""
    )
    assert "not allowed with argument" in command.refuses("review", folder, "--failed", "--passed")


@pytest.mark.parametrize("choice", [("--agent", "gpt"), ("--sample", "0"), ("--at-limit",), ("--settle",)])
def test_choices_without_reading_are_refused(command: Command, folder: Path, choice: tuple[str, ...]) -> None:
    for other in (("--summary",), ("--json",), ("--import", "-")):
        line = command.refuses("review", folder, *other, *choice)
        assert line == f"{choice[0]}: expected none with {other[0]}, which is about the whole session"


class Terminal:
    """The command at a terminal of its own. A context manager, which leaves nothing of it behind."""

    def __init__(self, *arguments: str | Path) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pytest_metr", *map(str, arguments)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"},
            start_new_session=True,
        )
        os.close(slave)
        self.shown = b""

    def read_until(self, wanted: bytes, timeout: float = 60) -> None:
        """Read what is shown until it holds *wanted*, or the process has ended."""
        end = time.monotonic() + timeout
        while wanted not in self.shown and time.monotonic() < end:
            if select.select([self._master], [], [], 0.2)[0]:
                try:
                    self.shown += os.read(self._master, 65536)
                except OSError:  # the other end is closed
                    break
        assert wanted in self.shown, self.shown[-2000:]

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def press_until(self, keys: bytes, wanted: bytes) -> None:
        """Press keys until what is shown from here on holds *wanted*: whoever takes them may be slow."""
        self.shown = b""
        for _ in range(60):
            self.press(keys)
            if select.select([self._master], [], [], 1)[0]:
                self.shown += os.read(self._master, 65536)
            if wanted in self.shown:
                return
        raise AssertionError(self.shown[-2000:])

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *exc: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)

    def end(self) -> int:
        """Return the exit status, once the process has ended."""
        deadline = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < deadline:
            if select.select([self._master], [], [], 0.2)[0]:
                try:
                    self.shown += os.read(self._master, 65536)
                except OSError:
                    break
        return self.process.wait(timeout=30)


def test_at_a_real_terminal_what_was_said_is_shown_at_the_end(folder: Path) -> None:
    with Terminal("review", folder, "--reviewer", "ada", "--sample", "2", "--seed", "3") as terminal:
        terminal.read_until(b"0 of 2 read")
        terminal.press(b"1")
        terminal.read_until(b"why?")
        terminal.press(b"h")  # the category; then keys go to the note
        terminal.press_until(b"\x7fx", b"x")
        terminal.press(b"\r")
        terminal.read_until(b"1 of 2 read")
        terminal.press(b"q")
        assert terminal.end() == 0
    assert b"1 of 5 runs read: 1 real" in terminal.shown
    labels = read_labels(folder)
    assert [(label.reviewer, label.label) for label in labels.labels] == [("ada", "real")]
    assert labels.labels[0].run_id == labels.samples[0].runs[0]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--disputed",), b"expected a disputed run, found none"),
        (("--agent", "nobody"), b"--agent: expected one of gpt, found 'nobody'"),
        (("--sample", "9"), b"--sample: expected a number from 1 to 4, the failed runs of gpt, found 9"),
        (("--sample", "2", "--task", "a*"), b"--sample: expected it alone or with --passed"),
    ],
)
def test_a_choice_of_no_runs_is_one_line_at_the_terminal(folder: Path, arguments: tuple[str, ...], told: bytes) -> None:
    with Terminal("review", folder, *arguments) as terminal:
        assert terminal.end() == 4
    assert told in terminal.shown
