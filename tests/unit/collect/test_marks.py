"""The marks of an item, and the order of items."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.collect import mark_name, marks_of
from pytest_metr.marks import KNOWN_MARKS
from pytest_metr.types import BRACKETS, Gpu, Resources, TaskSpec, bracket_of


def task(**facts: object) -> TaskSpec:
    return TaskSpec(family="f", name="t", family_dir="/f", family_hash="0", **facts)  # type: ignore[arg-type]


def test_a_task_of_which_nothing_is_known_has_no_marks() -> None:
    assert marks_of(task()) == []


def test_everything_that_is_known_of_a_task_is_a_mark() -> None:
    full = task(
        human_minutes=30.0,
        domains=("machine learning", "machine-learning", "skip"),
        split="dev",
        internet=False,
        manual_score=True,
        resources=Resources(gpu=Gpu(count_min=1, count_max=1)),
    )
    assert marks_of(full) == [
        ("difficulty", {"minutes": 30.0, "bracket": "under_an_hour"}),
        ("under_an_hour", {}),
        ("machine_learning", {}),
        ("domain_skip", {}),
        ("dev", {}),
        ("no_internet", {}),
        ("gpu", {}),
        ("manual_score", {}),
    ]


def test_the_internet_and_gpus_are_marked_only_where_the_manifest_says_so() -> None:
    assert marks_of(task(internet=True)) == []
    assert marks_of(task(resources=Resources(gpu=Gpu(count_min=0, count_max=0)))) == []
    assert marks_of(task(resources=Resources(gpu=Gpu(count_min=0, count_max=None)))) == [("gpu", {})]


@pytest.mark.parametrize(
    ("domain", "name"),
    [
        ("cybersecurity", "cybersecurity"),
        ("machine learning", "machine_learning"),
        (" R&D / other ", "R_D_other"),
        ("C++", "C"),
        ("Größe", "Größe"),
        ("Gro\u0308ße", "Größe"),
        ("_private", "private"),
        ("3d", "3d"),
        ("not", "domain_not"),
        ("None", "domain_None"),
        ("xfail", "domain_xfail"),
        ("gpu", "domain_gpu"),
        ("few hours", "domain_few_hours"),
        ("--", ""),
    ],
)
def test_a_domain_becomes_a_mark_that_means_nothing_else(domain: str, name: str) -> None:
    assert mark_name(domain) == name


@given(st.text())
def test_a_mark_of_a_domain_can_be_used_and_selected(domain: str) -> None:
    name = mark_name(domain)
    assert re.fullmatch(r"(?!_)\w*", name)
    assert name not in dict(KNOWN_MARKS)


def test_every_mark_that_is_set_is_known_with_one_line_of_help() -> None:
    known = dict(KNOWN_MARKS)
    assert len(known) == len(KNOWN_MARKS)
    assert [name for name, _ in KNOWN_MARKS[: len(BRACKETS)]] == [bracket for bracket, _ in BRACKETS]
    assert known.keys() >= {"dev", "test", "no_internet", "gpu", "manual_score", "difficulty"}
    assert all(text and "\n" not in text for text in known.values())


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False))
def test_a_known_time_always_has_its_bracket_among_the_marks(minutes: float) -> None:
    assert (bracket_of(minutes), {}) in marks_of(task(human_minutes=minutes))
