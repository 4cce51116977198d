"""Whether all runs are runs of the same thing: one agent, one version of each task, one environment."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_metr.protocol.checks.evidence import Evidence, Finding, counted, naming, run_name, unknown
from pytest_metr.types import RunRow


def same_versions(evidence: Evidence) -> Finding:
    """Number of tasks of several versions, and of identities of the agent beyond the first."""
    rows = evidence.rows
    if not rows:
        return unknown("there is no run of a task that counts")
    identities = {row.agent_identity for row in rows if row.agent_identity}
    tasks = evidence.tasks
    several = [task for task, runs in tasks.items() if len(_versions(runs)) > 1]
    if several or len(identities) > 1:
        parts = []
        if len(identities) > 1:
            parts.append(f"the agent has {len(identities)} identities")
        if several:
            verb = "has" if len(several) == 1 else "have"
            parts.append(
                f"{len(several)} of {counted(len(tasks), 'task')} {verb} runs of several versions{naming(several)}"
            )
        return Finding(figure=len(several) + max(len(identities) - 1, 0), sentence="; ".join(parts))
    silent = [run_name(row) for row in rows if not (row.agent_identity and row.family_hash)]
    if silent:
        return unknown(
            f"{len(silent)} of {counted(len(rows), 'record')} without a word on what was run{naming(silent)}"
        )
    return Finding(figure=0, sentence=f"one agent, and one version of each of {counted(len(tasks), 'task')}")


def same_environment(evidence: Evidence) -> Finding:
    """Number of families whose runs were made in several images."""
    rows = evidence.scored
    if not rows:
        return unknown("no run has a score")
    images: dict[str, set[str]] = {}
    for row in rows:
        images.setdefault(row.family, set()).update({row.image} if row.image else ())
    several = sorted(family for family, found in images.items() if len(found) > 1)
    families = counted(len(images), "family", "families")
    if several:
        verb = "was" if len(several) == 1 else "were"
        told = f"{len(several)} of {families} {verb} run in several images{naming(several)}"
        return Finding(figure=len(several), sentence=told)
    silent = [run_name(row) for row in rows if not row.image]
    if silent:
        return unknown(f"{len(silent)} of {counted(len(rows), 'record')} without the image{naming(silent)}")
    return Finding(figure=0, sentence=f"one image for each of {families}")


def _versions(rows: Sequence[RunRow]) -> set[tuple[str | None, str | None]]:
    known = {(row.task_version, row.family_hash) for row in rows}
    return {version for version in known if version != (None, None)}
