"""Documents are replaced as a whole."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.errors import UsageMistake
from pytest_metr.report import write_bytes, write_json, write_jsonl, writing

from .records import any_json, properties, texts


def refuse(token: str) -> None:
    raise AssertionError(f"{token} is no JSON")


def test_a_document_is_indented_ascii_with_a_newline_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "session" / "report.json"
    write_json(path, {"a": [1], "b": "ü"})
    assert path.read_text(encoding="ascii") == '{\n  "a": [\n    1\n  ],\n  "b": "\\u00fc"\n}\n'


def test_an_earlier_document_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_json(path, {"old": "x" * 10_000})
    write_json(path, {"new": 1})
    assert json.loads(path.read_text(encoding="ascii")) == {"new": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_the_document_as_far_as_the_umask_says(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    write_json(tmp_path / "report.json", {})
    assert (tmp_path / "report.json").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_where_writing_fails_the_earlier_document_stays_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    write_jsonl(path, [{"run": 1}])
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_jsonl(tmp_path / "folder", [{"run": 2}])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "runs.jsonl"]


def test_what_a_person_has_named_is_written_through_links_and_to_pipes_alone(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    write_bytes(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "kept").read_bytes() == b"new"
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_bytes(tmp_path / "pipe", b"sent")
        assert os.read(reader, 9) == b"sent"
    finally:
        os.close(reader)
    for wrong in (tmp_path, Path("/")):
        with pytest.raises(UsageMistake, match="--out: cannot be written: "), writing(wrong, "--out"):
            write_bytes(wrong, b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "link", "pipe"]


def test_rows_are_one_object_a_line(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    write_jsonl(path, ({"n": n, "text": "a\nb", "score": math.nan} for n in range(2)))
    assert path.read_bytes() == (
        b'{"n": 0, "text": "a\\nb", "score": "NaN"}\n{"n": 1, "text": "a\\nb", "score": "NaN"}\n'
    )
    write_jsonl(path, [])
    assert path.read_bytes() == b""


@properties
@given(st.dictionaries(texts, any_json, max_size=3))
def test_any_data_are_written_as_strict_json(tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]) -> None:
    path = tmp_path_factory.mktemp("files") / "report.json"
    write_json(path, data)
    json.loads(path.read_text(encoding="ascii"), parse_constant=refuse)
