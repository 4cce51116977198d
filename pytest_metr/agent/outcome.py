"""One attempt of an agent, from the first call to what came of it."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from pytest_metr.agent.handover import SUBMISSION_LIMIT, LeavesSubmission, ProgramFailed
from pytest_metr.agent.workspace import LimitedWorkspace
from pytest_metr.errors import AgentError, InfrastructureError, LimitReached, MetrError
from pytest_metr.interfaces import Agent
from pytest_metr.types import Failure, LimitHit, Record, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentOutcome(Record):
    """What came of an attempt. At most one of *limit* and *failure* is there.

    :param submission: what was handed in; after a limit what was left so far; the empty string for nothing.
    :param failure: why the agent failed by itself (kind ``agent``, cause ``agent``).
    """

    submission: str
    limit: LimitHit | None = None
    failure: Failure | None = None
    usage: Usage


def run_agent(agent: Agent, workspace: LimitedWorkspace) -> AgentOutcome:
    """Let *agent* work in *workspace* and return what came of it, a limit or a failure of the agent included.

    A submission that arrives when the time is up counts as one that did not arrive. Processes that the agent
    left in the background still run when this returns: the caller ends them with ``sandbox.kill_agent()``,
    after a limit in any case before anything is scored.

    :raises InfrastructureError: passed on from the sandbox and the kind; with the cause ``internal`` and the
        traceback as evidence where the kind's own code raised something unexpected.
    """
    workspace.clock.start()
    submission, limit, failure = "", None, None
    try:
        answer = agent.run(workspace)
        workspace.check_time()
        submission = answer
    except LimitReached as reached:
        workspace.clock.stop()
        limit = LimitHit(name=reached.name, allowed=reached.allowed)
        submission = _leftover(agent, workspace)
    except AgentError as error:
        evidence = error.evidence if isinstance(error, ProgramFailed) else {}
        failure = Failure(kind="agent", cause="agent", message=str(error), evidence=evidence)
    except MetrError:
        raise
    except Exception as error:
        raise InfrastructureError(
            f"the agent's own code failed: {type(error).__name__}: {error}",
            cause="internal",
            evidence={"traceback": traceback.format_exc()},
        ) from error
    finally:
        workspace.clock.stop()
    return AgentOutcome(submission=submission, limit=limit, failure=failure, usage=workspace.usage)


def _leftover(agent: Agent, workspace: LimitedWorkspace) -> str:
    if not isinstance(agent, LeavesSubmission):
        return ""
    try:
        data = workspace.read_leftover(agent.submission_file, limit=SUBMISSION_LIMIT)
    except (OSError, ValueError) as error:
        workspace.record("note", text=f"nothing was left in {agent.submission_file}: {error}")
        return ""
    return data.decode("utf-8", "replace")
