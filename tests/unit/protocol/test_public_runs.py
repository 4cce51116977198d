"""METR's public runs: the weights and averages that METR publishes for them."""

from __future__ import annotations

import json
import math
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.protocol import check_weights, task_weights, weighted_mean
from pytest_metr.types import RunRecord

from .runs import make_run

COLUMNS = {"invsqrt_family": "invsqrt_task_weight", "equal_task": "equal_task_weight"}
#: METR's weights are rounded to ten decimals.
ROUNDING = 0.5e-10

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def folder() -> Path:
    path = os.environ.get("METR_PUBLIC_RUNS")
    if not path:
        pytest.skip("METR_PUBLIC_RUNS does not name a folder with METR's public runs.jsonl and reference.json")
    return Path(path)


@pytest.fixture(scope="module")
def rows(folder: Path) -> Rows:
    by_agent: Rows = defaultdict(list)
    for line in (folder / "runs.jsonl").read_text(encoding="utf-8").split("\n"):
        if line:
            row = json.loads(line)
            by_agent[row["alias"]].append(row)
    return dict(by_agent)


@pytest.fixture(scope="module")
def reference(folder: Path) -> dict[str, Any]:
    agents: dict[str, Any] = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["agents"]
    return agents


def as_runs(rows: list[dict[str, Any]]) -> list[RunRecord]:
    return [
        make_run(row["task_id"], run_id=row["run_id"], score=row["score"], minutes=row["human_minutes"]) for row in rows
    ]


@pytest.mark.parametrize("weighting", sorted(COLUMNS))
def test_weights_are_metrs(rows: Rows, weighting: str) -> None:
    for agent, of_agent in rows.items():
        theirs = [row[COLUMNS[weighting]] for row in of_agent]
        assert task_weights(as_runs(of_agent), weighting=weighting) == pytest.approx(theirs, rel=0, abs=1e-10), agent


@pytest.mark.parametrize("weighting", sorted(COLUMNS))
@pytest.mark.parametrize("score", ["score", "score_binarized"])
def test_averages_are_metrs_up_to_the_rounding_of_its_weights(
    rows: Rows, reference: dict[str, Any], weighting: str, score: str
) -> None:
    for agent, of_agent in rows.items():
        scores = [float(row[score]) for row in of_agent]
        theirs = reference[agent]["average"][f"{score}|{COLUMNS[weighting]}"]
        column = check_weights([row[COLUMNS[weighting]] for row in of_agent], len(of_agent))
        assert weighted_mean(scores, column) == pytest.approx(theirs, rel=0, abs=1e-12), agent
        ours = weighted_mean(scores, task_weights(as_runs(of_agent), weighting=weighting))
        # Each weight is off by the rounding, and so is the sum that they are divided by.
        bound = ROUNDING * (math.fsum(scores) + len(scores) * theirs)
        assert ours == pytest.approx(theirs, rel=0, abs=bound), agent


def test_every_doubling_of_human_minutes_weighs_the_same_in_metrs_runs(rows: Rows) -> None:
    for of_agent in rows.values():
        shares: dict[int, list[float]] = defaultdict(list)
        for row, weight in zip(of_agent, task_weights(as_runs(of_agent), weighting="log_time"), strict=True):
            shares[math.floor(math.log2(row["human_minutes"]))].append(weight)
        assert [math.fsum(share) for share in shares.values()] == pytest.approx([1 / len(shares)] * len(shares))
