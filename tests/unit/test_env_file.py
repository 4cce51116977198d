"""The file of secrets: NAME=value, nothing expanded, mistakes told by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_metr.env_file import read_env_file
from pytest_metr.errors import UsageMistake


def test_no_file_is_no_secrets() -> None:
    assert read_env_file(None) == {}


def test_assignments_comments_quotes_and_export(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    text = "# a comment\n\nA=1\nexport B='two words'\nC=\"x # y\"\nD=$A-${B}\nE=\n"
    file.write_text(text, encoding="utf-8")
    assert read_env_file(file) == {"A": "1", "B": "two words", "C": "x # y", "D": "$A-${B}", "E": ""}


@pytest.mark.parametrize("line", ["no assignment", "=value", "A B=c"])
def test_what_is_no_assignment_is_told_by_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "secrets.env"
    file.write_text(f"GOOD=1\n\n# fine\n{line}\n", encoding="utf-8")
    with pytest.raises(UsageMistake, match=r"secrets.env: line \d: expected NAME=value"):
        read_env_file(file)


def test_a_missing_or_binary_file_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageMistake, match=r"missing\.env: --metr-env-file: cannot be read"):
        read_env_file(tmp_path / "missing.env")
    (tmp_path / "binary.env").write_bytes(b"A=\xff\xfe")
    with pytest.raises(UsageMistake, match=r"binary\.env: --metr-env-file: cannot be read"):
        read_env_file(tmp_path / "binary.env")
