"""Run records with the few fields that the mathematics looks at."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from pytest_metr.types import RunRecord

#: For tests of properties: as many examples as a slow machine bears, and no deadline.
properties = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def make_run(
    task: str = "family/task",
    *,
    run: int = 1,
    run_id: str | None = None,
    score: float | None = 1.0,
    minutes: float | None = 10.0,
    agent: str = "agent",
) -> RunRecord:
    return RunRecord(
        run_id=run_id or f"{task}-{run}",
        nodeid=f"{task}[run{run}]",
        task_id=task,
        family=task.partition("/")[0],
        family_hash="",
        task_version=None,
        run=run,
        agent=agent,
        agent_identity="",
        model=None,
        scaffold=None,
        status="scored",
        score=score,
        success_threshold=0.9,
        human_minutes=minutes,
        human_source=None,
        bracket=None,
    )
