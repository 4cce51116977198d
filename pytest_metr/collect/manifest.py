"""``manifest.yaml``: what a family says of its tasks.

The keys of the Task Standard are closed: an unknown one is a mistake. ``meta`` is free, but for the keys
that this package reads there (:data:`META_CHECKS`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_metr.collect import values
from pytest_metr.collect.marks import mark_name
from pytest_metr.collect.values import Check, Unexpected
from pytest_metr.defaults import LIMITS
from pytest_metr.errors import UsageMistake
from pytest_metr.types import (
    DEFAULT_SUCCESS_THRESHOLD,
    HUMAN_SOURCES,
    SPLITS,
    Gpu,
    Limits,
    Resources,
    Scoring,
)
from pytest_metr.yaml_text import load_yaml

FILE_NAME = "manifest.yaml"
_VERSION_KEYS = ("version", "standard_version")
#: What a key of ``meta`` means where it is left out, or taken back with null.
_META_DEFAULTS: Mapping[str, Any] = {
    "domains": (),
    "needs": (),
    "manual_score": False,
    "end_agent_processes": False,
    "success_threshold": DEFAULT_SUCCESS_THRESHOLD,
    "limits": Limits(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A manifest after reading.

    :param meta: the family's ``meta`` as it is written.
    :param facts: fields of :class:`~pytest_metr.types.TaskSpec` that hold for every task that does not say otherwise.
    :param tasks: the same for each task that the manifest names.
    :param task_metas: each of these tasks' ``meta`` as it is written.
    """

    version: str | None = None
    standard_version: str | None = None
    meta: Any = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    tasks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    task_metas: Mapping[str, Any] = field(default_factory=dict)

    def facts_of(self, task: str) -> dict[str, Any]:
        """Return what is said of *task*: the task's own word goes before the family's."""
        return {**self.facts, **self.tasks.get(task, {})}

    def meta_of(self, task: str) -> dict[str, Any]:
        """Return everything under ``meta`` that holds for *task*, foreign keys included, where it is a mapping."""
        metas = (self.meta, self.task_metas.get(task))
        return {key: value for meta in metas if isinstance(meta, dict) for key, value in meta.items()}


def read_manifest(data: bytes, file: Path) -> Manifest:
    """Read the content of a manifest.

    :param file: named in errors.
    :raises UsageMistake: with the file, the key and what was expected.
    """
    document = load_yaml(data, file, as_written=_VERSION_KEYS)
    if document is None:
        raise UsageMistake("expected a mapping with the key tasks, found nothing", file=file)
    try:
        top = values.section(document, _TOP_CHECKS)
        facts = values.checked_at("meta", _meta, top.get("meta"))
    except Unexpected as problem:
        raise UsageMistake(problem.message, file=file, key=problem.key) from None
    facts.update(resources=Resources(), scoring=Scoring())
    if "version" in top:
        facts["version"] = top["version"]
    return Manifest(
        version=top.get("version"),
        standard_version=top.get("standard_version"),
        meta=top.get("meta"),
        facts=facts,
        tasks=top.get("tasks", {}),
        task_metas={name: (entry or {}).get("meta") for name, entry in (document.get("tasks") or {}).items()},
    )


def _domains(value: Any) -> tuple[str, ...]:
    names = values.texts(value)
    for name in names:
        if not mark_name(name):
            raise Unexpected(f"expected a name with a letter or digit, found {values.found(name)}")
    return names


_LIMIT_CHECKS: Mapping[str, Check] = {
    name: values.count_above_zero if kind is int else values.number_above_zero for name, kind in LIMITS.items()
}
#: The keys of ``meta`` that this package reads; all are fields of ``TaskSpec``.
META_CHECKS: Mapping[str, Check] = {
    "human_minutes": values.number_above_zero,
    "human_source": values.choice(*HUMAN_SOURCES),
    "domains": _domains,
    "expertise": values.plain,
    "split": values.choice(*SPLITS),
    "quality": values.plain,
    "success_threshold": values.number,
    "canary": values.text,
    "needs": values.texts,
    "internet": values.flag,
    "manual_score": values.flag,
    "end_agent_processes": values.flag,
    "limits": lambda value: Limits(**values.section(value, _LIMIT_CHECKS)),
}


def _meta(value: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if not isinstance(value, dict):
        return facts  # free: the Task Standard allows anything here
    for key in META_CHECKS.keys() & value.keys():
        item = value[key]
        facts[key] = _META_DEFAULTS.get(key) if item is None else values.checked_at(key, META_CHECKS[key], item)
    return facts


def _gpu(value: Any) -> Gpu:
    parts = values.section(value, _GPU_CHECKS)
    if "count_range" not in parts:
        raise Unexpected(
            "expected a list of two numbers, the fewest and the most GPUs, found nothing", ("count_range",)
        )
    lowest, highest = parts["count_range"]
    return Gpu(count_min=lowest, count_max=highest, model=parts.get("model"))


def _count_range(value: Any) -> tuple[int, int | None]:
    if not isinstance(value, list) or len(value) != 2:
        raise Unexpected(f"expected a list of two numbers, the fewest and the most GPUs, found {values.found(value)}")
    unlimited = value[1] is None or value[1] == float("inf")
    lowest = values.checked_at("0", values.count, value[0])
    highest = None if unlimited else values.checked_at("1", values.count, value[1])
    if highest is not None and highest < lowest:
        raise Unexpected(f"expected the fewest before the most GPUs, found {lowest} before {highest}")
    return lowest, highest


def _resources(value: Any) -> Resources:
    return Resources(**values.section(value, _RESOURCES_CHECKS))


def _scoring(value: Any) -> Scoring:
    return Scoring(**values.section(value, _SCORING_CHECKS))


def _task(value: Any) -> dict[str, Any]:
    facts = values.section(value, _TASK_CHECKS)
    facts.pop("type", None)
    facts.update(facts.pop("meta", {}))
    return facts


def _tasks(value: Any) -> dict[str, dict[str, Any]]:
    tasks = {}
    shared: dict[Any, Any] = {}
    for name, entry in values.mapping(value).items():
        if not isinstance(name, str):
            raise Unexpected(
                f"expected a task's name, found {values.found(name)}, which YAML takes for no text: quote it"
            )
        if not name:
            raise Unexpected("expected a task's name, found the empty text")
        facts = values.checked_at(name, _task, entry)
        for key in _SHARED & facts.keys():
            facts[key] = shared.setdefault(facts[key], facts[key])
        tasks[name] = facts
    return tasks


_SHARED = frozenset({"resources", "scoring"})
_GPU_CHECKS: Mapping[str, Check] = {"count_range": _count_range, "model": values.text}
_RESOURCES_CHECKS: Mapping[str, Check] = {
    "gpu": _gpu,
    "cpus": values.number_above_zero,
    "memory_gb": values.number_above_zero,
    "storage_gb": values.number_above_zero,
}
_SCORING_CHECKS: Mapping[str, Check] = {
    "visible_to_agent": values.flag,
    "score_on_usage_limits": values.flag,
    "instructions": values.any_text,
}
_TASK_CHECKS: Mapping[str, Check] = {
    "version": values.text,
    "type": values.choice("metr_task_standard"),
    "resources": _resources,
    "scoring": _scoring,
    "meta": _meta,
}
_TOP_CHECKS: Mapping[str, Check] = {
    "version": values.text,
    "standard_version": values.text,
    "meta": lambda value: value,
    "tasks": _tasks,
}
#: The keys at the top of a manifest, and those of a task in it.
TOP_KEYS = frozenset(_TOP_CHECKS)
TASK_KEYS = frozenset(_TASK_CHECKS)
