"""The agent's command, run such that what happens at the gateway can end it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_metr.agent.gateway.ending import Ending
from pytest_metr.agent.workspace import clip
from pytest_metr.capped import Capped
from pytest_metr.interfaces import Process, Workspace
from pytest_metr.types import DEFAULT_OUTPUT_LIMIT, ExecResult

#: Seconds between two looks at the limits, and at whether the run is to end.
LOOK = 0.1


def run_attended(
    workspace: Workspace, argv: Sequence[str], *, cwd: str, env: Mapping[str, str], ending: Ending
) -> ExecResult:
    """Run a command as :meth:`~pytest_metr.interfaces.Workspace.exec` does, but end it as soon as *ending* is there.

    The time is looked at anew all the while: waiting for a model is no working time, so how much is left when the
    command starts says little.

    :raises MetrError: what ends the run.
    """
    begin = time.monotonic()
    process = workspace.spawn(argv, cwd=cwd, env=env)
    output = Capped(DEFAULT_OUTPUT_LIMIT)
    try:
        with workspace.action("exec", argv=[clip(each) for each in argv], cwd=cwd, env=sorted(env)) as event:
            try:
                _follow(process, workspace, ending, output)
                result = _collected(process, output)
                event.update(_shown(result))
            except Exception:
                event.update(stdout=clip(output.value()), stdout_dropped=output.dropped)
                raise
            finally:
                event["seconds"] = time.monotonic() - begin
    finally:
        process.close()
    # What ended the run may have come with the last breath of the command.
    ending.check()
    return result


def _follow(process: Process, workspace: Workspace, ending: Ending, output: Capped) -> None:
    while (data := process.receive(LOOK)) != b"":
        output.add(data or b"")
        ending.check()
        workspace.check_time()


def _collected(process: Process, output: Capped) -> ExecResult:
    result = process.wait()
    assert result is not None
    return replace(result, stdout=output.value(), stdout_dropped=output.dropped + process.dropped)


def _shown(result: ExecResult) -> dict[str, Any]:
    return {
        "exit_code": result.exit_code,
        "stdout": clip(result.stdout),
        "stderr": clip(result.stderr),
        "stdout_dropped": result.stdout_dropped,
        "stderr_dropped": result.stderr_dropped,
        **({"out_of_memory": True} if result.out_of_memory else {}),
    }
