"""What a person wants written to a place that they name."""

from __future__ import annotations

from pathlib import Path

from pytest_metr.report import write_bytes, writing


def write_output(file: Path, text: str, option: str) -> None:
    """Write a text to the place that an option names, by :func:`~pytest_metr.report.write_bytes`.

    :raises UsageMistake: where it cannot be written, with the file, the option and the reason.
    """
    with writing(file, option):
        write_bytes(file, text.encode("utf-8", "backslashreplace"))
