"""What is no longer as it was when a session began, one line for each difference."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from pytest_metr.types import LIMIT_NAMES, Plan, PlannedRun, RunRecord, TaskSpec

#: What a person asked for, as the journal's first line has it, and how it is told.
_SETTINGS = {
    "provider": "sandbox",
    "runs_per_task": "runs of each task",
    "adaptive": "rounds until a gate is decided",
    "guidance": "--metr-guided",
}
_SHOWN = 80


def changed_settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Compare what two sessions were asked for, as :func:`~pytest_metr.reporting.session_facts` tells it."""
    found = [*_versions(before, after), *_agents(before, after)]
    found += [
        _line(told, before.get(key), after.get(key))
        for key, told in _SETTINGS.items()
        if before.get(key) != after.get(key)
    ]
    if before.get("limits") != after.get("limits"):
        found.append(_line("--metr-limit", _limits(before.get("limits")), _limits(after.get("limits"))))
    return [*found, *_protocol(before.get("protocol") or {}, after.get("protocol") or {})]


def changed_plan(before: Plan, after: Plan) -> list[str]:
    """Compare which runs two sessions plan, and what their tasks are."""
    old, new = _by_id(before), _by_id(after)
    found = []
    if old.keys() != new.keys():
        gone, added = [i for i in old if i not in new], [i for i in new if i not in old]
        told = [f"{len(runs)} {word} ({_few(runs)})" for word, runs in (("gone", gone), ("new", added)) if runs]
        found.append(f"{_line('planned runs', len(old), len(new))}: {', '.join(told)}")
    both = [(old[run_id].task, new[run_id].task) for run_id in old if run_id in new]
    return list(dict.fromkeys([*found, *(line for a, b in both for line in _task(a, b))]))


def changed_runs(
    kept: Sequence[RunRecord], plan: Plan, provider: str, identity_of: Callable[[PlannedRun], str]
) -> list[str]:
    """Compare what kept runs were made of with what they would be made of now.

    :param plan: what is planned now.
    :param provider: the one of this session.
    :param identity_of: gives the identity of the agent that would make a run now.
    """
    runs = _by_id(plan)
    found = []
    for record in kept:
        run = runs.get(record.run_id)
        if run is not None and run.task.family_hash != record.family_hash:
            found.append(_line(f"files of family {record.family}", record.family_hash, run.task.family_hash))
        if run is not None and (identity := identity_of(run)) != record.agent_identity:
            found.append(_line(_maker(record), record.agent_identity, identity))
        if record.sandbox is not None and record.sandbox.provider != provider:
            found.append(_line("sandbox", record.sandbox.provider, provider))
    return list(dict.fromkeys(found))


def _maker(record: RunRecord) -> str:
    return f"agent {record.agent}" if record.control is None else f"controls of family {record.family}"


def changed_images(kept: Sequence[RunRecord], provider: str, image_of: Callable[[str, str], str]) -> list[str]:
    """Compare the images of kept runs with those that their families have now.

    :param provider: the one of this session: images of others are not comparable.
    :param image_of: takes the hash of a family and the name of an agent, and returns the image of their runs.
    """
    images: dict[tuple[str, str], str] = {}
    found = []
    for record in kept:
        if record.sandbox is None or record.sandbox.provider != provider:
            continue
        run = (record.family_hash, record.agent)
        if run not in images:
            images[run] = image_of(*run)
        image = images[run]
        if image != record.sandbox.image:
            found.append(_line(f"image of family {record.family}", record.sandbox.image, image))
    return list(dict.fromkeys(found))


def _versions(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = (facts.get("versions", {}).get("pytest_metr") for facts in (before, after))
    if old != new:
        yield _line("pytest_metr", old, new)


def _agents(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = ({agent["name"]: agent for agent in facts.get("agents", ())} for facts in (before, after))
    if old.keys() != new.keys():
        yield _line("agents", ", ".join(old), ", ".join(new))
    for name in old.keys() & new.keys():
        if old[name]["identity"] != new[name]["identity"]:
            yield _line(f"agent {name}", old[name]["identity"], new[name]["identity"])
        if old[name]["limits"] != new[name]["limits"]:
            yield _line(f"limits of agent {name}", _limits(old[name]["limits"]), _limits(new[name]["limits"]))


def _protocol(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    names = [f"{protocol.get('name')} {protocol.get('version')}" for protocol in (before, after)]
    if names[0] != names[1]:
        yield _line("protocol", *names)
        return
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) != after.get(key):
            yield _line(f"protocol {names[0]}: {key}", before.get(key), after.get(key))


def _task(before: TaskSpec, after: TaskSpec) -> Iterator[str]:
    if before.family_hash != after.family_hash:
        yield _line(f"files of family {before.family}", before.family_hash, after.family_hash)
    for field in fields(TaskSpec):
        # Where the folder is says nothing about what is in it.
        if field.name not in ("family_dir", "family_hash"):
            old, new = getattr(before, field.name), getattr(after, field.name)
            if old != new:
                yield _line(f"task {before.id}: {field.name}", old, new)


def _by_id(plan: Plan) -> dict[str, PlannedRun]:
    return {run.run_id: run for run in plan.runs}


def _few(runs: Sequence[str]) -> str:
    return ", ".join(runs[:3]) + (", ..." if len(runs) > 3 else "")


def _limits(limits: Mapping[str, Any] | None) -> str:
    known = {name: value for name in LIMIT_NAMES if (value := (limits or {}).get(name)) is not None}
    return ", ".join(f"{name} {value:g}" for name, value in known.items()) or "none"


def _line(what: str, before: object, after: object) -> str:
    return f"{what}: {_shown(before)} -> {_shown(after)}"


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    if len(text) == 64 and set(text) <= set("0123456789abcdef"):
        return text[:12]  # of a hash, as much as it takes to tell it from another
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
