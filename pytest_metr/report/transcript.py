"""The transcript of a run: its events, written as they happen."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_metr.report.append import append_line, open_for_append, write_error
from pytest_metr.report.redact import Redactor
from pytest_metr.report.strict import encode_line, free_key, plain
from pytest_metr.types import now


class Transcript:
    """JSON Lines of the events of one run; a :class:`~pytest_metr.interfaces.TranscriptWriter`.

    Each line has ``n`` (1-based number), ``at`` (UTC, when it was written), ``kind``, and the data of the event
    beside them; data that bring one of these three names keep it with an underscore behind it. Every line is
    handed to the system at once, so that what was written survives the death of the process; :meth:`close` puts
    all on the disk. Any value may be written: what JSON does not know becomes its repr. May be used by several
    threads. A context manager.

    :param path: the file; an earlier one is added to, never overwritten.
    :raises InfrastructureError: with cause ``transcript`` where the file cannot be opened.
    """

    def __init__(self, path: Path, redactor: Redactor) -> None:
        self.path = path
        self._redactor = redactor
        self._lock = threading.Lock()
        self._count = 0
        self._fd: int | None = open_for_append(path, cause="transcript")

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
            try:
                append_line(self._fd, encode_line(line), sync=False)
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
