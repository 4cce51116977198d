"""Writing down what a session is going to do, for the reporting process and for whoever comes after a crash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from pytest_metr.collect.nodes import RunItem
from pytest_metr.errors import UsageMistake
from pytest_metr.items import OF_A_RUN, planned_run
from pytest_metr.types import BrokenFamily, EvaluationProtocol, Plan, PlannedRun

if TYPE_CHECKING:
    from pytest_metr.bench import Bench

PLAN_FILE = "plan.json"
#: Where the plan of a session that is taken up again lies until it has been compared with what was planned first.
PROPOSED_FILE = "plan.next.json"


def left_out(
    items: Sequence[pytest.Item], *, agentless: bool, protocol: EvaluationProtocol | None
) -> list[pytest.Item]:
    """Return the runs that are not to be made: those of a split that the protocol leaves out, or all.

    :param agentless: whether there is no agent under test; then families beside ordinary tests are left out.
    """
    runs = [item for item in items if isinstance(item, RunItem)]
    if agentless and len(runs) < len(items):
        return list(runs)
    return [item for item in runs if protocol is not None and not protocol.counts(item.task.split)]


def write_plan(bench: Bench, items: Sequence[pytest.Item], broken: Sequence[BrokenFamily]) -> None:
    """Write the plan of a session: every collecting process writes the same.

    :raises OSError: where it cannot be written.
    """
    from pytest_metr.report import write_json

    runs = [planned_run(item, bench) for item in items if isinstance(item, RunItem)]
    plan = Plan(runs=(*runs, *_runs_of_persons(items, bench)), broken=tuple(broken))
    if bench.settings.resume is not None:
        write_json(bench.session_dir / PROPOSED_FILE, plan.to_json())
    elif plan.runs or plan.broken:
        write_json(bench.session_dir / PLAN_FILE, plan.to_json())


def _runs_of_persons(items: Sequence[pytest.Item], bench: Bench) -> Iterator[PlannedRun]:
    for item in items:
        wanted = OF_A_RUN & set(getattr(item, "fixturenames", ()))
        if wanted and not isinstance(item, RunItem) and item.get_closest_marker("metr_task") is not None:
            with suppress(UsageMistake):  # the test itself says what is wrong, when it is run
                yield planned_run(item, bench)
