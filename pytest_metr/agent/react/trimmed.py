"""Output of which the beginning and the end are kept, as a model is shown it."""

from __future__ import annotations

from pytest_metr.capped import Capped


class Trimmed(Capped):
    """Keeps at most *limit* bytes of what is added: one half of the beginning, the rest of the end.

    :param limit: bytes, 1 or more.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(limit, head=limit // 2)

    def text(self, *, lost: int = 0) -> str:
        """Return what was kept as text, with the cut said where something has gone.

        Bytes that are not UTF-8, and zero bytes, which no JSON of a model's server bears well, are shown as U+FFFD.

        :param lost: bytes that have gone before they came here.
        """
        return self.value(lost=lost).decode("utf-8", "replace").replace("\0", "\ufffd")
