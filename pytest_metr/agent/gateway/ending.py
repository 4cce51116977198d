"""What ends a run whatever the agent's program makes of it."""

from __future__ import annotations

import threading


class Ending:
    """Holds the first error that ends the run, for whoever watches the agent's program. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._error: Exception | None = None

    def of(self, error: Exception) -> None:
        """Have the run end with *error*, unless it ends with another already."""
        with self._lock:
            self._error = self._error or error

    @property
    def there(self) -> bool:
        """Whether the run is to end."""
        return self._error is not None

    def check(self) -> None:
        """Raise what ends the run, if anything does."""
        if self._error is not None:
            raise self._error
