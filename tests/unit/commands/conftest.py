"""Fixtures of the tests of the command ``pytest-metr``."""

from __future__ import annotations

import pytest

from tests.unit.commands.command import Command


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, in this process and away from the page of a CI job."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    return Command(capsys)
