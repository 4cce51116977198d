"""Windows has no sandbox of ours, and that is said in one line."""

from __future__ import annotations

import pytest

from pytest_metr import windows
from pytest_metr.errors import UsageMistake


def test_windows_is_refused_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    class Windows:
        name = "nt"

    monkeypatch.setattr(windows, "os", Windows)
    with pytest.raises(UsageMistake, match=r"no sandbox can be made on Windows .*WSL 2"):
        windows.refuse_windows()
