"""What a terminal showed, as events of the transcript: gathered for a moment, because a line each would be too many."""

from __future__ import annotations

import codecs
import threading
import time
from collections.abc import Callable

from pytest_metr.interfaces import Workspace

#: Seconds for which what is shown is gathered into one event.
_GATHERED = 0.25
#: Characters after which an event is written at once.
_MOST = 8192


class Recording:
    """Writes ``terminal`` events: what was shown, and how many seconds after the beginning.

    :param now: a time source that never runs backwards, in seconds.
    """

    def __init__(self, workspace: Workspace, *, now: Callable[[], float] = time.monotonic) -> None:
        self._workspace = workspace
        self._now = now
        self._begun = now()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._lock = threading.Lock()
        self._text = ""
        self._since = 0.0

    def add(self, shown: bytes) -> None:
        """Take what was shown."""
        with self._lock:
            if not self._text:
                self._since = self._now()
            self._text += self._decoder.decode(shown)
        self.flush(force=False)

    def flush(self, *, force: bool = True) -> None:
        """Write what was gathered, by force also where it may still wait."""
        with self._lock:
            due = force or len(self._text) >= _MOST or self._now() - self._since >= _GATHERED
            text, self._text = (self._text, "") if due else ("", self._text)
        if text:
            self._workspace.record("terminal", seconds=round(self._since - self._begun, 3), shown=text)
