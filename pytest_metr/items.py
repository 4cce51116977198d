"""Between pytest's items and attempts: which run an item stands for, and what its test does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_metr.collect import read_family, run_id
from pytest_metr.collect.nodes import RunItem
from pytest_metr.errors import MetrError, UsageMistake
from pytest_metr.terminal import describe_attempt, failure_line, tell
from pytest_metr.texts import visible
from pytest_metr.types import Failure, PlannedRun

if TYPE_CHECKING:
    from pytest_metr.attempt import Attempt
    from pytest_metr.bench import Bench
    from pytest_metr.interfaces import Agent, Sandbox
    from pytest_metr.standard import Lifecycle

#: The key of a worker's input under which the controller hands over the session's folder.
SESSION_DIR_INPUT = "metr_session_dir"
#: As above: the controller's process id.
CONTROLLER_INPUT = "metr_controller"
#: As above: the provider that every worker takes, whatever it could find by itself.
PROVIDER_INPUT = "metr_provider"
#: The attempt that an item has made, for its report.
ATTEMPT = pytest.StashKey["Attempt"]()
#: The fixtures with which a person's own test makes a run of the session.
OF_A_RUN = frozenset({"run_record", "agent"})
#: Why the protocol leaves the run of an item out; None where it is to be made.
LEFT_OUT = pytest.StashKey[Failure | None]()


def planned_run(item: pytest.Item, bench: Bench) -> PlannedRun:
    """Return the run that an item stands for: a generated item's, or the one of the mark ``metr_task``.

    :raises UsageMistake: where a person's test names no task that there is.
    """
    if not bench.agents:
        raise UsageMistake("expected the agent under test", file=item.nodeid, key="--agent")
    if isinstance(item, RunItem):
        return replace(item.planned, guidance=bench.guidance)
    mark = item.get_closest_marker("metr_task")
    try:
        folder, name = _metr_task(*(mark.args if mark else ()), **(mark.kwargs if mark else {}))
    except TypeError:
        raise UsageMistake("expected the mark metr_task(folder, name)", file=item.nodeid) from None
    task = read_family(item.config.rootpath / folder).task(name)
    agent = next(iter(bench.agents))
    return PlannedRun(
        run_id=run_id(task.family, task.name, agent, 1, place=item.nodeid),
        nodeid=item.nodeid,
        task=task,
        run=1,
        agent=agent,
        own_test=True,
        guidance=bench.guidance,
    )


def _metr_task(folder: object, name: object) -> tuple[str, str]:
    """Give the arguments of the mark their names, however they were passed."""
    return str(folder), str(name)


def describe(report: Any, item: pytest.Item, call: pytest.CallInfo[None], made: Attempt | None) -> None:
    """Say in a report of an item what became of its attempt, so that every process can show it."""
    error = call.excinfo.value if call.excinfo is not None else None
    if isinstance(error, MetrError):
        # Told in the words of the evaluation; a traceback is for bugs only.
        told = tell(error, made.transcript_path if made is not None else None)
        report.longrepr = made.redacted(told) if made is not None else told
    if made is None:
        return
    report.metr = describe_attempt(made.record, error, kept=made.kept)
    if call.when != "teardown":
        # Of the item and not of this report: a JUnit file takes them from the teardown's.
        facts = ((key, value) for key, value in report.metr.items() if key != "kept" and value is not None)
        item.user_properties.extend((f"metr_{key}", value) for key, value in facts)


def pass_over_own_test(item: pytest.Item, bench: Bench) -> None:
    """End a person's own test whose run is kept from before the session was resumed, as far as its outcome is known.

    Its code asks for a sandbox and an agent, of which there is neither.
    """
    if isinstance(item, RunItem) or item.get_closest_marker("metr_task") is None:
        return
    if not OF_A_RUN & set(getattr(item, "fixturenames", ())):
        return
    past = bench.past(planned_run(item, bench).run_id)
    if past.settled is None:
        return
    if past.outcome in ("passed", "skipped"):
        pytest.skip(f"kept: the test {past.outcome} before the session was resumed")
    told = "failed before the session was resumed" if past.outcome else "made its run and did not come to its end"
    pytest.fail(f"kept: the test {told}", pytrace=False)


def own_tests(_metr_started: Lifecycle, request: pytest.FixtureRequest) -> None:
    """Run a family's own tests: the test function behind their items. At least one must pass, and none may fail."""
    found = _metr_started.own_tests()
    request.node.user_properties.append(("metr_family_tests", found.counts))
    print(visible(found.output), end="")  # noqa: T201 - for pytest to show where it fails, or with -s
    if found.problem is not None:
        pytest.fail(f"the family's own tests: {found.problem}", pytrace=False)


def attempt(_metr_sandbox: Sandbox | None, _metr_agent: Agent | None, _metr_attempt: Attempt) -> None:
    """Make one attempt: the test function behind every generated item, its arguments are fixtures.

    A score above the task's threshold passes, one below fails, and none waits for a person. A run that is kept from
    before the session was resumed, for which there is neither sandbox nor agent, has the same outcome once more.
    """
    record = _metr_attempt.record if _metr_agent is None else _metr_attempt.make(_metr_agent)
    assert record is not None
    if record.status == "needs_score":
        pytest.skip("needs a score")
    failure = failure_line(record)
    if failure is not None:
        kept = ["kept from before the session was resumed"] if _metr_attempt.kept else []
        reason = "\n".join([failure, *(f"note: {note}" for note in (*record.notes, *kept))])
        shown = _metr_attempt.redacted(reason)
        pytest.fail(f"{shown}\ntranscript: {_metr_attempt.transcript_path}", pytrace=False)
