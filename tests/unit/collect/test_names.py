"""Names in node ids and file names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.collect import node_name, run_id, task_name_of
from pytest_metr.errors import UsageMistake

# Small alphabets make collisions likely, if there are any.
nasty = st.text("a%:[]/-.run1 \n5B", min_size=1, max_size=8)
any_names = st.text(st.characters(), min_size=1) | nasty
agents = st.none() | any_names
runs = st.integers(1, 30)


def test_names_read_as_people_write_them() -> None:
    assert node_name("abandon", 1, None) == "abandon[run1]"
    assert node_name("abandon", 12, "gpt4") == "abandon[gpt4-run12]"
    assert node_name("größe zwei", 1, None) == "größe zwei[run1]"
    assert node_name("v1:main", 1, "gpt-4.1") == "v1:main[gpt-4.1-run1]"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a[b]", "a%5Bb%5D"),
        ("a::b", "a%3A%3Ab"),
        (":a:", "%3Aa%3A"),
        ("a/b\\c", "a%2Fb%5Cc"),
        ("100%", "100%25"),
        ("a\nb\t", "a%0Ab%09"),
        (" a b ", "%20a b%20"),
        ("a\u200bb\u202ec\u00a0d", "a%E2%80%8Bb%E2%80%AEc%C2%A0d"),
        ("\ud800", "%ED%A0%80"),
    ],
)
def test_what_would_break_a_node_id_is_percent_encoded(name: str, written: str) -> None:
    assert node_name(name, 1, None) == f"{written}[run1]"
    assert task_name_of(f"{written}[run1]") == name


@pytest.mark.parametrize(("task", "agent", "what"), [("", None, "task"), ("", "x", "task"), ("x", "", "agent")])
def test_an_empty_name_is_a_mistake(task: str, agent: str | None, what: str) -> None:
    with pytest.raises(UsageMistake, match=f"expected the name of the {what}, found the empty text"):
        node_name(task, 1, agent)


@given(any_names, runs, agents)
def test_a_node_name_is_one_readable_line_that_pytest_can_select(task: str, run: int, agent: str | None) -> None:
    name = node_name(task, run, agent)
    assert name.isprintable()
    assert name.encode()
    assert name == name.strip()
    assert f"x.py::{name}".split("::") == ["x.py", name]
    assert "/" not in name
    assert re.fullmatch(r"[^\[\]]+\[[^\[\]]*run\d+\]", name)
    assert task_name_of(name) == task


@given(st.tuples(any_names, runs, agents), st.tuples(any_names, runs, agents))
def test_no_two_runs_share_a_node_name(one: tuple[str, int, str | None], other: tuple[str, int, str | None]) -> None:
    assert (node_name(*one) == node_name(*other)) == (one == other)


def test_run_ids_read_as_people_write_them() -> None:
    assert run_id("reverse_hash", "abandon", "gpt4", 1) == "reverse_hash.abandon.gpt4.run1"
    assert run_id("reverse_hash", "abandon", None, 3) == "reverse_hash.abandon.run3"
    assert run_id("reverse-hash", "abandon", "gpt-4.1", 1) == "reverse-hash.abandon.gpt-4.1.run1"
    assert re.fullmatch(r"f\.a_b\.run1~[0-9a-f]{12}", run_id("f", "a/b", None, 1))


def test_run_ids_of_equal_families_in_two_places_differ() -> None:
    ids = {run_id("f", "t", "a", 1, place=place) for place in ("", "x/f", "y/f")}
    assert len(ids) == 3


family_names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,3}", fullmatch=True)
parts = st.tuples(family_names, any_names, agents, runs)


@given(parts, parts)
def test_no_two_runs_share_a_run_id(
    one: tuple[str, str, str | None, int], other: tuple[str, str, str | None, int]
) -> None:
    assert (run_id(*one) == run_id(*other)) == (one == other)


@given(st.text(), st.text() | st.text("x", min_size=200), st.none() | st.text(), runs)
def test_a_run_id_is_a_safe_file_name(family: str, task: str, agent: str | None, run: int) -> None:
    name = run_id(family, task, agent, run)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.~-]*", name)
    assert len(name) <= 150
    assert "/" not in name
    assert re.search(rf"\.run{run}(~[0-9a-f]+)?$", name)
