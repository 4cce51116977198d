"""What a process says on disk of the run that it has in hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.report import Redactor
from pytest_metr.report.progress import STATUS_DIR, StatusFile
from pytest_metr.report.progress.status_file import ROOM, short
from pytest_metr.types import Usage
from tests.unit.report.records import make_plan, make_task
from tests.waiting import becomes_true

RUN = make_plan(make_task("family/a"))
SECRET = "sk-0123456789abcdef"


@pytest.fixture
def status(tmp_path: Path) -> Iterator[StatusFile]:
    """A file of which something new is on disk soon."""
    redact = Redactor({"API_KEY": SECRET}).text
    made = StatusFile(tmp_path / STATUS_DIR, process="gw3", owner="its mark", redact=redact, interval=0.02)
    yield made
    made.close()


def run_on_disk(folder: Path) -> dict[str, Any] | None:
    """Return the run that the file says is in hand; None where it says none, or there is no file."""
    path = folder / STATUS_DIR / "gw3.json"
    document = json.loads(path.read_bytes()) if path.exists() else {"run": None}
    run: dict[str, Any] | None = document["run"]
    return run


def comes_to_say(folder: Path, **wanted: object) -> Callable[[], bool]:
    """Return whether the file says all of this of the run in hand."""
    return lambda: (run := run_on_disk(folder)) is not None and all(run[k] == v for k, v in wanted.items())


def test_a_run_is_followed_through_its_phases_and_actions(status: StatusFile, tmp_path: Path) -> None:
    status.begin(RUN, number=2)
    assert becomes_true(comes_to_say(tmp_path, run_id=RUN.run_id, task_id="family/a", number=2, phase="setup"))
    status.phase("agent")
    status.meter(lambda: Usage(tokens=1234, cost=0.5, actions=7))
    status.event("exec", {"argv": ["bash", "-lc", "make test"], "timeout": None})
    said = {"phase": "agent", "tokens": 1234, "cost": 0.5, "actions": 7, "last_action": "exec: make test"}
    assert becomes_true(comes_to_say(tmp_path, **said))
    status.begin(RUN, number=3)
    assert becomes_true(comes_to_say(tmp_path, number=3, phase="setup", tokens=None, actions=0, last_action=""))
    status.end()
    assert becomes_true(lambda: run_on_disk(tmp_path) is None)
    status.phase("teardown")  # of no run
    status.close()
    assert list((tmp_path / STATUS_DIR).iterdir()) == []


def test_nothing_is_made_on_disk_before_the_first_run(status: StatusFile, tmp_path: Path) -> None:
    status.phase("setup")
    status.event("exec", {"argv": ["true"]})
    status.end()
    status.close()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_disturbs_no_run_and_is_written_later(status: StatusFile, tmp_path: Path) -> None:
    (tmp_path / STATUS_DIR).write_text("in the way", encoding="utf-8")
    asked: list[None] = []

    def usage() -> Usage:
        asked.append(None)
        return Usage(actions=5)

    status.begin(RUN, number=1)
    status.meter(usage)
    assert becomes_true(lambda: len(asked) > 3)
    (tmp_path / STATUS_DIR).unlink()
    assert becomes_true(comes_to_say(tmp_path, actions=5))


def test_secrets_are_redacted_before_a_text_is_cut() -> None:
    redact = Redactor({"API_KEY": SECRET}).text
    begin = "x" * (4 * ROOM - 8)
    assert SECRET[:6] not in short("exec", ["echo", begin + SECRET], redact=redact)
    assert short("exec", ["curl", "-H", f"Authorization: Bearer {SECRET}"], redact=redact) == (
        "exec: curl -H 'Authorization: Bearer [secret API_KEY]'"
    )


@pytest.mark.parametrize(
    ("kind", "telling", "told"),
    [
        ("exec", ["bash", "-c", "cd /tmp &&\n\tls"], "exec: cd /tmp && ls"),
        ("exec", ["grep", "-r", "two words", "."], "exec: grep -r 'two words' ."),
        ("read_file", "/home/agent/a\x1b[31m.txt", "read_file: /home/agent/a?[31m.txt"),
        ("score", "", "score"),
        ("exec", ["python", "-c", "print()"], "exec: python -c 'print()'"),
        ("exec", ["bash", "-c", "x" * 1000], "exec: " + "x" * (ROOM - 6)),
        ("note", 17, "note: 17"),
    ],
)
def test_an_action_is_told_in_a_line(kind: str, telling: object, told: str) -> None:
    assert short(kind, telling, redact=lambda text: text) == told
