"""The identity changes with all that can change what an agent does, and with nothing else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.agent import load_agent
from pytest_metr.agent.identity import content_hash
from pytest_metr.errors import UsageMistake

from .fakes import PATIENT

BASE = "kind: command\ncommand: [python, main.py]\ncode: code\nenv: {A: '1', B: '2'}\nmodel: m\n"


def agent(folder: Path, text: str = BASE, *, name: str = "x") -> str:
    """Write an agent with one file of code and return its identity."""
    (folder / "code").mkdir(parents=True, exist_ok=True)
    (folder / "code" / "main.py").write_text("print()")
    (folder / f"{name}.yaml").write_text(text)
    return load_agent(name, search=[folder]).identity


@pytest.mark.parametrize(
    "text",
    [
        BASE + "description: other words\nscaffold: a label",
        "model: m\nenv: {B: '2', A: '1'}\ncode: ./code\ncommand:\n- python\n- main.py\nkind: command",
    ],
)
def test_description_order_and_spelling_do_not_count(text: str, tmp_path: Path) -> None:
    assert agent(tmp_path, text) == agent(tmp_path)


def test_neither_the_name_nor_the_place_counts(tmp_path: Path) -> None:
    assert agent(tmp_path / "a") == agent(tmp_path / "b" / "c", name="other")


def test_neither_the_name_of_the_code_folder_nor_what_is_left_out_counts(tmp_path: Path) -> None:
    before = agent(tmp_path)
    (tmp_path / "code" / "__pycache__").mkdir()
    (tmp_path / "code" / "__pycache__" / "main.pyc").write_bytes(b"x")
    shutil.copytree(tmp_path / "code", tmp_path / "again")
    assert agent(tmp_path) == before
    assert agent(tmp_path, BASE.replace("code: code", "code: again")) == before


@pytest.mark.parametrize(
    "text",
    [
        BASE.replace("[python, main.py]", "python main.py"),
        BASE.replace("'1'", "'3'"),
        BASE.replace("model: m", "model: n"),
        BASE.replace("code: code\n", ""),
        BASE + "limits: {wall_seconds: 5}",
        "kind: noop\nmodel: m",
        "kind: oracle\nmodel: m",
    ],
)
def test_kind_settings_model_and_limits_count(text: str, tmp_path: Path) -> None:
    assert agent(tmp_path, text) != agent(tmp_path)


def test_a_limit_is_the_same_however_it_is_written(tmp_path: Path) -> None:
    assert agent(tmp_path, BASE + "limits: {wall_seconds: 60}") == agent(
        tmp_path, BASE + "limits: {wall_seconds: 60.0}"
    )


def test_every_change_of_the_code_counts(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "a").write_text("1")
    seen = [content_hash(code)]
    (code / "a").write_text("2")
    seen.append(content_hash(code))
    (code / "a").chmod(0o755)
    seen.append(content_hash(code))
    (code / "a").rename(code / "b")
    seen.append(content_hash(code))
    (code / "empty").mkdir()
    seen.append(content_hash(code))
    (code / "link").symlink_to("b")
    seen.append(content_hash(code))
    (code / "link").unlink()
    (code / "link").symlink_to("/nowhere/at/all")
    seen.append(content_hash(code))
    assert len(set(seen)) == len(seen)


def test_a_link_to_a_folder_above_does_not_go_round(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    assert content_hash(tmp_path)


def test_a_linked_code_folder_is_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a").write_text("1")
    (tmp_path / "link").symlink_to("code")
    assert content_hash(tmp_path / "link") == content_hash(tmp_path / "code")


def test_a_fifo_in_the_code_is_a_mistake_and_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageMistake, match="pipe: expected files, folders and links"):
        content_hash(tmp_path)


_TREES = st.dictionaries(st.text("ab", min_size=1, max_size=3), st.binary(max_size=4), max_size=4)


@PATIENT
@given(first=_TREES, second=_TREES)
def test_two_folders_have_one_hash_exactly_if_they_hold_the_same(
    tmp_path_factory: pytest.TempPathFactory, first: dict[str, bytes], second: dict[str, bytes]
) -> None:
    hashes = []
    for tree in (first, second):
        folder = tmp_path_factory.mktemp("tree")
        for name, data in tree.items():
            (folder / name).write_bytes(data)
        hashes.append(content_hash(folder))
    assert (hashes[0] == hashes[1]) == (first == second)
