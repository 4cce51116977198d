"""Runs in the columns of METR's public run files, so that existing analysis code reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from pytest_metr.types import RunRecord

#: Who ended the run, in the words of METR's ``fatal_error_from``; other statuses have none.
_FATAL = {"limit": "usageLimits", "agent_error": "agent", "infra_error": "server"}
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def public_rows(records: Sequence[RunRecord], *, task_source: str | None = None) -> list[dict[str, Any]]:
    """Return one row for each record, in the same order, runs without a score included (their scores are null).

    ``started_at`` and ``completed_at`` are milliseconds since 1970 (null for a run that never began),
    ``time_limit`` is in seconds, ``generation_cost`` in USD.

    :param task_source: the name of the suite that the tasks are from.
    :raises ValueError: where an instant of a record is not ISO 8601.
    """
    return [_row(record, task_source) for record in records]


def _row(record: RunRecord, task_source: str | None) -> dict[str, Any]:
    # An infrastructure error is never a score, whatever the record says.
    score = None if record.status in ("infra_error", "needs_score", "not_run") else record.score
    return {
        "task_id": record.task_id,
        "task_family": record.family,
        "run_id": record.run_id,
        "alias": record.agent,
        "model": record.model or record.agent,
        "score_cont": score,
        "score_binarized": None if score is None else int(score > record.success_threshold),
        "fatal_error_from": _FATAL.get(record.status),
        "human_minutes": record.human_minutes,
        "human_source": record.human_source,
        "task_source": task_source,
        "started_at": _epoch_ms(record.started_at),
        "completed_at": _epoch_ms(record.completed_at),
        "task_version": record.task_version,
        "tokens_count": record.usage.tokens,
        "generation_cost": record.usage.cost,
        "time_limit": record.limits.wall_seconds,
        "scaffold": record.scaffold,
    }


def _epoch_ms(instant: str) -> int | None:
    if not instant:
        return None
    # Python 3.10 does not read the Z.
    moment = datetime.fromisoformat(instant.replace("Z", "+00:00"))
    return (moment - _EPOCH) // timedelta(milliseconds=1)
