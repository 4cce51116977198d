"""The transcript of a run: its events, written as they happen."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_metr.report.append import append_line, open_for_append, write_error
from pytest_metr.report.redact import Redactor
from pytest_metr.report.strict import encode_line, free_key, plain
from pytest_metr.types import now

#: Kinds of event that the runner writes of itself: what the task says and prints, and how it is scored.
NOT_THE_AGENTS = frozenset({"run", "task", "start", "intermediate_score", "score", "error", "teardown_error"})


class Transcript:
    """JSON Lines of the events of one run; a :class:`~pytest_metr.interfaces.TranscriptWriter`.

    Each line has ``n`` (1-based number), ``at`` (UTC, when it was written), ``kind``, and the data of the event
    beside them; data that bring one of these three names keep it with an underscore behind it. Every line is
    handed to the system at once, so that what was written survives the death of the process; :meth:`close` puts
    all on the disk. Any value may be written: what JSON does not know becomes its repr. May be used by several
    threads. A context manager.

    :param path: the file; an earlier one is added to, never overwritten.
    :param canary: a text that marks the task's files, to be looked for in what the agent does and sees. White space
        around it does not count. Not looked at are the events of the kinds :data:`NOT_THE_AGENTS`.
    :raises InfrastructureError: with cause ``transcript`` where the file cannot be opened.
    """

    def __init__(self, path: Path, redactor: Redactor, *, canary: str | None = None) -> None:
        self.path = path
        self._redactor = redactor
        self._canary = _as_written(canary.strip(), redactor) if canary is not None else ()
        self._canary_found = False
        self._lock = threading.Lock()
        self._count = 0
        self._fd: int | None = open_for_append(path, cause="transcript")

    @property
    def canary_found(self) -> bool | None:
        """Whether the canary was in an event of the agent's so far; None where there is none to look for."""
        return self._canary_found if self._canary else None

    def write(self, kind: str, data: Mapping[str, Any]) -> None:
        """Add one event, secrets redacted.

        :raises InfrastructureError: with cause ``transcript`` where it cannot be written; no half line stays.
        :raises ValueError: after :meth:`close`.
        """
        clean = self._redactor.json(plain(data))
        with self._lock:
            if self._fd is None:
                raise ValueError(f"the transcript {self.path} is closed")
            line: dict[str, Any] = {"n": self._count + 1, "at": now(), "kind": self._redactor.text(kind)}
            for key, value in clean.items():
                line[free_key(key, line)] = value
            encoded = encode_line(line)
            if kind not in NOT_THE_AGENTS and any(form in encoded for form in self._canary):
                self._canary_found = True
            try:
                append_line(self._fd, encoded, sync=False)
            except OSError as error:
                raise write_error(self.path, error, cause="transcript") from error
            self._count += 1

    def close(self) -> None:
        """Put everything on the disk and close the file. May be called more than once.

        :raises InfrastructureError: with cause ``transcript`` where the disk refuses.
        """
        with self._lock:
            fd, self._fd = self._fd, None
        if fd is None:
            return
        try:
            os.fsync(fd)
        except OSError as error:
            raise write_error(self.path, error, cause="transcript") from error
        finally:
            os.close(fd)

    def __enter__(self) -> Transcript:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _as_written(canary: str, redactor: Redactor) -> tuple[bytes, ...]:
    """Return the forms in which a canary can stand in a line: escaped as JSON does it, and without secrets in it."""
    texts = dict.fromkeys((canary, redactor.text(canary)))
    return tuple(json.dumps(text)[1:-1].encode("ascii") for text in texts if text)
