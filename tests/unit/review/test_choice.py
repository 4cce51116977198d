"""Which runs are read, and random samples of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.report.labels import read_labels
from pytest_metr.review.choice import Choice, chosen, readable, sampled
from pytest_metr.types import Control, Finding, Guidance, RunRecord
from tests.unit.review.sessions import run, some_runs

DISPUTED = {"a-t-gpt-1": Finding(run_id="a-t-gpt-1", label=None, labels={"ada": "real", "bo": "spurious"})}


@pytest.mark.parametrize(
    ("choice", "families"),
    [
        (Choice(), "abcd"),
        (Choice(which="passed"), "e"),
        (Choice(which="at_limit"), "b"),
        (Choice(which="disputed"), "a"),
        (Choice(which="all"), "abcde"),
        (Choice(which="all", task="[de]/*"), "de"),
        (Choice(task="c/t", agent="gpt"), "c"),
        (Choice(unread_by="ada"), "bcd"),
        (Choice(unread_by="cy"), "abcd"),
    ],
)
def test_runs_are_chosen(choice: Choice, families: str) -> None:
    assert "".join(found.family for found in chosen(some_runs(), choice, DISPUTED)) == families


def test_a_choice_of_nothing_is_a_mistake() -> None:
    choice = Choice(which="at_limit", agent="gpt", task="z*", unread_by="ada")
    told = r"expected a run that a limit ended of agent gpt of a task z\* that ada has not read, found none"
    with pytest.raises(UsageMistake, match=told):
        chosen(some_runs(), choice, {})


def test_what_has_no_score_of_the_agents_own_cannot_be_read() -> None:
    control = Control(name="empty", kind="empty", lowest=0, highest=0)
    others = [run("f/t", None, status="infra_error"), run("g/t", control=control)]
    assert readable([*others, run("h/t", guidance=Guidance(fix="task", why="x"))]) == []


def draw(folder: Path, runs: list[RunRecord], **more: Any) -> list[str]:
    known: dict[str, Any] = {"agent": "gpt", "population": "failed", "size": 3, "seed": 1, "reviewer": "ada"}
    samples = read_labels(folder).samples
    return [found.run_id for found in sampled(folder, runs, samples, **{**known, **more})]


def test_a_sample_is_drawn_once_and_can_be_made_larger(tmp_path: Path) -> None:
    runs = [run(f"f{n}/t") for n in range(40)]
    first = draw(tmp_path, runs, size=10)
    assert draw(tmp_path, runs[::-1], size=10) == first
    assert draw(tmp_path, runs, size=4) == first[:4]
    larger = draw(tmp_path, runs, size=20, reviewer="bo")
    assert larger[:10] == first
    assert draw(tmp_path, runs, size=10, seed=2) != first
    assert [(len(s.runs), s.of, s.seed, s.reviewer) for s in read_labels(tmp_path).samples] == [
        (10, 40, 1, "ada"),
        (20, 40, 1, "bo"),
        (10, 40, 2, "ada"),
    ]


def test_every_run_is_drawn_about_as_often(tmp_path: Path) -> None:
    runs = [run(f"f{n}/t") for n in range(10)]
    counts = dict.fromkeys((found.run_id for found in runs), 0)
    for seed in range(400):
        [first] = draw(tmp_path / str(seed % 4), runs, size=1, seed=seed)
        counts[first] += 1
    # Each is drawn 40 times on average; outside of these is one in some 10,000.
    assert 15 <= min(counts.values()) <= max(counts.values()) <= 70


def test_a_sample_of_other_runs_than_there_are_now_is_refused(tmp_path: Path) -> None:
    runs = [run(f"f{n}/t") for n in range(6)]
    draw(tmp_path, runs)
    with pytest.raises(UsageMistake, match=r"--seed: a sample with seed 1 was drawn at .* take another seed"):
        draw(tmp_path, runs[:-1])
    for size in (0, 7):
        with pytest.raises(UsageMistake, match=f"--sample: expected a number from 1 to 6, .*, found {size}"):
            draw(tmp_path, runs, size=size)
