"""Everything that is no longer as it was is named with its old and its new value, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_metr.changes import changed_images, changed_plan, changed_runs, changed_settings
from pytest_metr.types import Plan, PlannedRun, SandboxInfo
from tests.unit.report.records import make_plan, make_record, make_task

FACTS: dict[str, Any] = {
    "started_at": "then",
    "versions": {"pytest_metr": "1", "python": "3.11"},
    "provider": "bubblewrap",
    "protocol": {"name": "plain", "version": "1", "draws": 10},
    "adaptive": False,
    "runs_per_task": 1,
    "limits": {"wall_seconds": None},
    "agents": [{"name": "gpt", "identity": "a" * 64, "limits": {"wall_seconds": None}}],
}
PLAN = Plan(runs=tuple(make_plan(make_task(f"f/{name}"), run) for name in ("x", "y") for run in (1, 2)))
IMAGE = SandboxInfo(provider="bubblewrap", image="i1")
KEPT = [make_record(run, "scored", 1.0, sandbox=IMAGE) for run in PLAN.runs]


def test_what_is_the_same_is_not_named() -> None:
    assert changed_settings(FACTS, {**FACTS, "started_at": "now", "platform": "other"}) == []
    assert changed_plan(PLAN, PLAN) == []
    moved = Plan(runs=tuple(replace(run, task=replace(run.task, family_dir="/elsewhere")) for run in PLAN.runs))
    assert changed_plan(PLAN, moved) == []
    assert changed_runs(KEPT, PLAN, "bubblewrap", lambda _: "a" * 64) == []
    assert changed_images(KEPT, "bubblewrap", lambda *_: "i1") == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"provider": "docker"}, "sandbox: bubblewrap -> docker"),
        ({"runs_per_task": 3}, "runs of each task: 1 -> 3"),
        ({"adaptive": True}, "rounds until a gate is decided: false -> true"),
        ({"limits": {"wall_seconds": 60.0}}, "--metr-limit: none -> wall_seconds 60"),
        ({"versions": {"pytest_metr": "2"}}, "pytest_metr: 1 -> 2"),
        ({"protocol": {"name": "autonomy", "version": "0.1"}}, "protocol: plain 1 -> autonomy 0.1"),
        ({"protocol": {"name": "plain", "version": "1", "draws": 20}}, "protocol plain 1: draws: 10 -> 20"),
        (
            {"agents": [{"name": "gpt", "identity": "b" * 64, "limits": {"wall_seconds": None}}]},
            "agent gpt: aaaaaaaaaaaa -> bbbbbbbbbbbb",
        ),
        (
            {"agents": [{"name": "gpt", "identity": "a" * 64, "limits": {"wall_seconds": 5.0}}]},
            "limits of agent gpt: none -> wall_seconds 5",
        ),
        ({"agents": [{"name": "other", "identity": "b", "limits": {}}]}, "agents: gpt -> other"),
    ],
)
def test_each_setting_that_differs_is_named_in_one_line(change: dict[str, Any], told: str) -> None:
    assert changed_settings(FACTS, {**FACTS, **change}) == [told]


def changed(run: PlannedRun, **fields: Any) -> PlannedRun:
    return replace(run, task=replace(run.task, **fields))


def test_files_of_a_family_are_named_once_for_all_its_runs() -> None:
    after = Plan(runs=tuple(changed(run, family_hash="0" * 64) for run in PLAN.runs))
    assert changed_plan(PLAN, after) == ["files of family f: ffffffffffff -> 000000000000"]
    assert changed_runs(KEPT, after, "bubblewrap", lambda _: "a" * 64) == [
        "files of family f: ffffffffffff -> 000000000000"
    ]


def test_what_a_manifest_says_of_a_task_is_compared_too() -> None:
    after = Plan(runs=tuple(changed(run, human_minutes=99.0) for run in PLAN.runs))
    assert changed_plan(PLAN, after) == [f"task f/{name}: human_minutes: 10.0 -> 99.0" for name in "xy"]


def test_another_selection_is_told_by_how_many_runs_are_gone_and_new() -> None:
    other = make_plan(make_task("g/z"))
    told = changed_plan(PLAN, Plan(runs=(*PLAN.runs[:1], other)))
    assert told == [f"planned runs: 4 -> 2: 3 gone (f-x-gpt-2, f-y-gpt-1, f-y-gpt-2), 1 new ({other.run_id})"]


def test_kept_runs_are_compared_with_what_they_were_made_of() -> None:
    assert changed_runs(KEPT, PLAN, "docker", lambda _: "c" * 64) == [
        "agent gpt: aaaaaaaaaaaa -> cccccccccccc",
        "sandbox: bubblewrap -> docker",
    ]
    assert changed_images(KEPT, "bubblewrap", lambda *_: "i2") == ["image of family f: i1 -> i2"]
    assert changed_images(KEPT, "docker", lambda *_: "i2") == []
