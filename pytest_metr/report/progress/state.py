"""What one process says of the run that it has in hand, and the file in which it says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pytest_metr.report.past import NOT_OURS
from pytest_metr.types import Record

#: The folder of a session in which each process that makes runs keeps its file; it goes with the session.
STATUS_DIR = "status"

#: What is being done for a run: its task is set up, the agent works, it is scored, its task is torn down; or a try has
#: failed and the next one is waited for.
Phase = Literal["setup", "agent", "scoring", "teardown", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInHand(Record):
    """A run that is being made.

    :param number: which try at the run this is, 1 for the first.
    :param started_at: when this try began.
    :param since: when its phase began.
    :param tokens: so far, in this try; None where no model was seen.
    :param cost: US dollars so far, likewise; None where that is not known.
    :param actions: so far, likewise.
    :param last_action: what the agent began last, on one line; empty before it has begun anything.
    :param last_action_at: when that was; None likewise.
    """

    run_id: str
    task_id: str
    run: int
    agent: str
    number: int
    started_at: str
    phase: Phase
    since: str
    tokens: int | None = None
    cost: float | None = None
    actions: int = 0
    last_action: str = ""
    last_action_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessState(Record):
    """What a process does.

    :param process: its name: a worker's of pytest-xdist, or ``main``.
    :param owner: the mark by which others tell whether it is alive.
    :param updated_at: when something in this was last new.
    :param run: the run that it has in hand; None between two.
    """

    process: str
    owner: str
    updated_at: str
    run: RunInHand | None = None


def write_state(folder: Path, state: ProcessState) -> None:
    """Put a process's file into *folder*, in the place of the one before.

    Nothing waits for the disk: who reads it wants to know of processes, and those do not outlive the machine.

    :raises OSError: where it cannot be written.
    """
    path = _file(folder, state.process)
    temporary = path.with_name(f".{path.name}")
    temporary.write_text(json.dumps(state.to_json(), indent=2) + "\n", encoding="ascii")
    temporary.replace(path)


def remove_state(folder: Path, process: str) -> None:
    """Remove a process's file. :raises OSError: where that is not allowed."""
    _file(folder, process).unlink(missing_ok=True)


def read_states(folder: Path) -> Iterator[ProcessState]:
    """Yield the states in *folder*, by the names of the files; what is none that this version can read is passed over.

    :raises OSError: where a file is there and cannot be read.
    """
    for path in sorted(folder.glob("*.json")):
        try:
            yield ProcessState.from_json(json.loads(path.read_bytes()))
        except FileNotFoundError:
            continue  # its process has ended in this moment
        except NOT_OURS:
            continue  # written by another version, or by somebody else


def _file(folder: Path, process: str) -> Path:
    return folder / f"{process}.json"
