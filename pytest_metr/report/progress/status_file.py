"""A process's own account of the run that it has in hand, kept up to date on disk while the run is made."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pytest_metr.report.progress.state import Phase, ProcessState, RunInHand, remove_state, write_state
from pytest_metr.texts import printable
from pytest_metr.types import PlannedRun, Usage, now

#: Seconds between two looks at whether there is something new to write; a new phase is looked at sooner.
INTERVAL = 1.0
#: The least time between two such looks, as a part of that.
_LEAST = 0.2
#: How many characters of an action are kept.
ROOM = 200

#: Where the words of an event are looked for, most telling first.
_TELLING = ("argv", "command", "code", "path", "destination", "text", "message", "name", "model", "error")
_SHELLS = frozenset({"bash", "sh", "dash", "/bin/bash", "/bin/sh", "/usr/bin/bash"})
#: Events that say nothing which another does not say better.
_UNTOLD = frozenset({"terminal"})


class StatusFile:
    """Is told what happens in the runs of one process, and keeps its file in the session's folder.

    A thread looks about once a second whether something is new. So a run may tell as much and as often as it likes,
    from any thread, and a file that cannot be written disturbs nothing: it is there for whoever looks on, and for
    nobody else. Nothing is made on disk before the first run, and :meth:`close` takes the file away.

    :param folder: see :data:`~pytest_metr.report.progress.state.STATUS_DIR`; made where missing.
    :param process: the process's name, which no other of the session has.
    :param owner: the mark by which others tell whether the process is alive.
    :param redact: returns a text without secrets.
    :param interval: see :data:`INTERVAL`.
    """

    def __init__(
        self, folder: Path, *, process: str, owner: str, redact: Callable[[str], str], interval: float = INTERVAL
    ) -> None:
        self._folder = folder
        self._process = process
        self._owner = owner
        self._redact = redact
        self._interval = interval
        self._lock = threading.Lock()
        self._run: RunInHand | None = None
        self._usage: Callable[[], Usage] = Usage
        self._action: tuple[str, Any] | None = None
        self._written: RunInHand | None = None
        self._news = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    # What runs tell

    def begin(self, planned: PlannedRun, *, number: int) -> None:
        """Take a run in hand, in its phase ``setup``.

        :param number: which try at the run this is, 1 for the first.
        """
        at = now()
        run = RunInHand(
            run_id=planned.run_id,
            task_id=planned.task.id,
            run=planned.run,
            agent=planned.agent or "",
            number=number,
            started_at=at,
            phase="setup",
            since=at,
        )
        with self._lock:
            self._run, self._usage, self._action = run, Usage, None
        self._news.set()
        self._start()

    def phase(self, name: Phase) -> None:
        """Say what is being done for the run from now on; does nothing where none is in hand."""
        with self._lock:
            if self._run is not None and self._run.phase != name:
                self._run = replace(self._run, phase=name, since=now())
                self._news.set()

    def meter(self, usage: Callable[[], Usage]) -> None:
        """Say where to ask what the agent has used so far; asked from another thread."""
        with self._lock:
            self._usage = usage

    def event(self, kind: str, data: Mapping[str, Any]) -> None:
        """Say what the agent does: the kind and the data of an event of the transcript, which may still be added to."""
        if kind in _UNTOLD:
            return
        with self._lock:
            self._action = (kind, _telling(data))
            if self._run is not None:
                self._run = replace(self._run, last_action_at=now())

    def end(self) -> None:
        """Let go of the run. May be called more than once."""
        with self._lock:
            self._run, self._usage, self._action = None, Usage, None
        self._news.set()

    def close(self) -> None:
        """Take the file away; nothing is written any more. May be called more than once."""
        self._stop.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            with suppress(OSError):  # as with all writing of it, see above
                remove_state(self._folder, self._process)

    # What is written

    def _start(self) -> None:
        if self._thread is None and not self._stop.is_set():
            self._thread = threading.Thread(target=self._keep, name="metr-status", daemon=True)
            self._thread.start()

    def _keep(self) -> None:
        while not self._stop.wait(_LEAST * self._interval):
            self._news.wait((1 - _LEAST) * self._interval)
            self._news.clear()
            run = self._current()
            if run != self._written:
                self._write(run)

    def _current(self) -> RunInHand | None:
        with self._lock:
            run, usage, action = self._run, self._usage, self._action
        if run is None:
            return None
        used = usage()
        told = "" if action is None else short(*action, redact=self._redact)
        return replace(run, tokens=used.tokens, cost=used.cost, actions=used.actions, last_action=told)

    def _write(self, run: RunInHand | None) -> None:
        state = ProcessState(process=self._process, owner=self._owner, updated_at=now(), run=run)
        with suppress(OSError):  # tried again at the next look
            self._folder.mkdir(exist_ok=True)
            write_state(self._folder, state)
            self._written = run


def _telling(data: Mapping[str, Any]) -> Any:
    """Return the part of an event that says most; only its own keys are asked for, as others may be added meanwhile."""
    return next((value for key in _TELLING if (value := data.get(key)) not in (None, "", [], ())), "")


def short(kind: str, telling: Any, *, redact: Callable[[str], str]) -> str:
    """Return an event on one line of printable characters, secrets redacted, at most :data:`ROOM` of them.

    :param telling: a text, or the arguments of a command.
    """
    if isinstance(telling, (list, tuple)):
        argv = [str(argument) for argument in telling]
        # Of a shell's command line the script says all.
        is_script = len(argv) == 3 and argv[0] in _SHELLS and argv[1].startswith("-") and argv[1].endswith("c")
        telling = argv[2] if is_script else shlex.join(argv)
    # In this order: a secret of which only a part is left would not be found.
    text = redact(f"{kind}: {telling}" if telling else kind)
    return printable(text[: 4 * ROOM])[:ROOM]
