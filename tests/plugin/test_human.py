"""A person as the agent, at a real terminal."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.plugin.project import NUMBERS, Project

SCORED = (
    NUMBERS
    + """
    @staticmethod
    def intermediate_score(t):
        return {"score": 0.25, "message": {"so far": "a quarter"}, "details": {"secret": "detail"}}
"""
)
PROMPT = " ~ $ "


class Seat:
    """What a person has: keys to press, and what the terminal shows."""

    def __init__(self, terminal: int, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.shown = ""
        self._terminal = terminal
        self._seen = 0

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._terminal, text.encode() + b"\r")

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Wait until something is shown after what was waited for before."""
        deadline = time.monotonic() + seconds
        while text not in self.shown[self._seen :]:
            assert time.monotonic() < deadline, f"no {text!r} in:\n{self.shown}"
            self._look(0.2)
        self._seen = self.shown.index(text, self._seen) + len(text)

    def end(self) -> int:
        """Wait until pytest has ended, and return its exit status."""
        deadline = time.monotonic() + 60
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.shown
            self._look(0.2)
        self._look(0)
        return self.process.returncode

    def _look(self, seconds: float) -> None:
        ready, _, _ = select.select([self._terminal], [], [], seconds)
        if ready:
            try:
                self.shown += os.read(self._terminal, 65536).decode("utf-8", "replace")
            except OSError:  # nobody has the other end open any more
                time.sleep(0.05)


@contextmanager
def seated(project: Project, *arguments: str) -> Iterator[Seat]:
    """Start pytest at a terminal of its own."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "pytest", "tasks", "--agent=human", f"--metr-out={project.out}", *arguments]
    environment = {**os.environ, **project.environment, "TERM": "xterm"}
    process = subprocess.Popen(
        command, cwd=project.root, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    try:
        yield Seat(ours, process)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def events(project: Project) -> list[dict[str, Any]]:
    (transcript,) = (project.out / "transcripts").iterdir()
    return [json.loads(line) for line in transcript.read_text(encoding="utf-8").splitlines()]


def test_a_person_works_pauses_asks_for_a_score_and_hands_in(project: Project) -> None:
    project.family("numbers", SCORED, tasks={"one": {}})
    with seated(project, "-s") as seat:
        seat.wait_for("Submit a number for one.")
        seat.wait_for(PROMPT)
        seat.type("echo $((40 + 2)); echo $OPENAI_API_KEY.")
        seat.wait_for("42")
        seat.type("score")
        seat.wait_for("a quarter")
        seat.wait_for("score: 0.25")
        seat.type("note the task is clear")
        seat.type("pause")
        seat.wait_for("press Enter to go on")
        time.sleep(3)
        seat.type("")
        seat.wait_for("the clock goes on at")
        seat.type("submit 1")
        seat.wait_for("[y/N]")
        seat.type("y")
        seat.wait_for("over, after")
        assert seat.end() == 0
    (run,) = project.report()["runs"]
    assert (run["status"], run["score"], run["submission"]) == ("scored", 1.0, "1")
    told = events(project)
    paused = [event["kind"] for event in told if event["kind"] in ("pause", "go_on", "submit")]
    assert paused == ["pause", "go_on", "submit"]
    assert "the task is clear" in {event.get("text") for event in told}
    assert "42" in "".join(event["shown"] for event in told if event["kind"] == "terminal")
    assert "secret" not in seat.shown
    first = min(event["at"] for event in told if event["kind"] == "terminal")
    assert run["usage"]["seconds"] < seconds_between(first, run["completed_at"]) - 2


def seconds_between(first: str, last: str) -> float:
    """Return the seconds from one instant to another, both as a report writes them."""
    times = [time.mktime(time.strptime(instant[:19], "%Y-%m-%dT%H:%M:%S")) for instant in (first, last)]
    return times[1] - times[0] + 1


def test_a_shell_that_ends_is_opened_again_and_giving_up_is_no_submission(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    with seated(project, "-s") as seat:
        seat.wait_for(PROMPT)
        seat.type("exit 3")
        seat.wait_for("opened again")
        seat.wait_for(PROMPT)
        seat.type("quit")
        seat.wait_for("[y/N]")
        seat.type("y")
        assert seat.end() == 1
    (run,) = project.report()["runs"]
    assert (run["status"], run["score"], run["submission"], run["observed"]) == ("scored", 0.0, "", {"gave_up": 1})


def test_the_time_of_a_person_can_be_up(project: Project) -> None:
    project.family("numbers", tasks={"one": {}})
    with seated(project, "-s", "--metr-time-limit=6") as seat:
        seat.wait_for(PROMPT)
        seat.type("printf 1 > submission.txt; sleep 600")
        assert seat.end() == 1
    (run,) = project.report()["runs"]
    assert (run["status"], run["submission"]) == ("limit", "1")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((), "add -s"), (("-s", "-n2"), "leave out -n"), (("-s",), "standard input and output are none")],
)
def test_a_person_needs_the_terminal(project: Project, arguments: tuple[str, ...], said: str) -> None:
    project.family("numbers", tasks={"one": {}})
    result = project.run(*arguments, agent="human")
    assert result.status == 4
    result.lines("--agent=human: a person works at the terminal of pytest", said)
