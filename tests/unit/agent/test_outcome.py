"""One attempt: what came of it, also where it did not end by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_metr.agent import AgentOutcome, run_agent
from pytest_metr.agent.handover import SUBMISSION_LIMIT
from pytest_metr.agent.kinds.command import CommandAgent
from pytest_metr.errors import AgentError, InfrastructureError, LimitReached, SandboxError
from pytest_metr.interfaces import Workspace
from pytest_metr.types import LimitHit, Usage

from .fakes import Answer, Call, World

SUBMISSION = "/home/agent/submission.txt"


class Scripted:
    """An agent that is a Python function."""

    def __init__(self, work: Callable[[Workspace], str]) -> None:
        self.work = work

    def run(self, workspace: Workspace) -> str:
        return self.work(workspace)


def solver() -> CommandAgent:
    """Return an agent with a submission file."""
    return CommandAgent(command=["solve"], env={}, code=None)


def slow(files: dict[str, bytes]) -> World:
    """Return a world where every program leaves files and then takes longer than the limit allows."""
    return World(wall_seconds=10, program=lambda call: Answer(seconds=99, files=files))


def test_an_attempt_that_ends_by_itself_has_a_submission_and_its_usage() -> None:
    def work(workspace: Workspace) -> str:
        workspace.exec(["a"])
        workspace.exec(["b"])
        return "yes"

    world = World(wall_seconds=10, program=lambda call: Answer(seconds=2))
    outcome = run_agent(Scripted(work), world.workspace)
    assert outcome == AgentOutcome(submission="yes", usage=Usage(seconds=4, working_seconds=4, actions=2))
    assert AgentOutcome.from_json(outcome.to_json()) == outcome


def test_the_clock_stands_still_before_and_after_an_attempt() -> None:
    world = World()
    world.time.now += 100
    outcome = run_agent(Scripted(lambda workspace: ""), world.workspace)
    world.time.now += 100
    assert outcome.usage.seconds == world.workspace.usage.seconds == 0


def test_after_a_limit_the_submission_is_what_was_left_so_far() -> None:
    world = slow({SUBMISSION: b"half\n"})
    outcome = run_agent(solver(), world.workspace)
    assert outcome.submission == "half\n"
    assert outcome.limit == LimitHit(name="wall_seconds", allowed=10)
    assert outcome.failure is None
    assert outcome.usage.seconds == 10
    assert world.sandbox.kills == 0


@pytest.mark.parametrize("content", [None, b"x" * (SUBMISSION_LIMIT + 1)])
def test_after_a_limit_nothing_that_can_be_read_is_an_empty_submission(content: bytes | None) -> None:
    world = slow({} if content is None else {SUBMISSION: content})
    outcome = run_agent(solver(), world.workspace)
    assert outcome.submission == ""
    assert outcome.limit is not None
    assert f"nothing was left in {SUBMISSION}" in world.transcript.of("note")[0]["text"]


def test_after_a_limit_bytes_that_are_not_utf8_are_replaced() -> None:
    assert run_agent(solver(), slow({SUBMISSION: b"\xff"}).workspace).submission == "\ufffd"


def test_an_agent_without_a_submission_file_hands_in_nothing_after_a_limit() -> None:
    def work(workspace: Workspace) -> str:
        workspace.exec(["sleep"])
        return "late"

    outcome = run_agent(Scripted(work), slow({SUBMISSION: b"not mine"}).workspace)
    assert outcome.submission == ""
    assert outcome.limit is not None


def test_a_submission_after_the_time_is_up_comes_too_late() -> None:
    world = World(wall_seconds=10)

    def work(workspace: Workspace) -> str:
        world.time.now += 11
        return "late"

    outcome = run_agent(Scripted(work), world.workspace)
    assert (outcome.submission, outcome.limit) == ("", LimitHit(name="wall_seconds", allowed=10))
    assert len(world.transcript.of("limit")) == 1


def test_an_agent_cannot_overlook_a_limit() -> None:
    def work(workspace: Workspace) -> str:
        try:
            workspace.exec(["sleep"])
        except LimitReached:
            return "stubborn"
        return "no limit"

    outcome = run_agent(Scripted(work), slow({}).workspace)
    assert outcome.submission == ""
    assert outcome.limit is not None


def test_a_limit_stays_even_where_the_sandbox_ended_the_command_a_hair_early() -> None:
    def program(call: Call) -> Answer:
        world.time.now -= 0.25
        return Answer(seconds=99)

    def work(workspace: Workspace) -> str:
        with pytest.raises(LimitReached):
            workspace.exec(["sleep"])
        with pytest.raises(LimitReached):
            workspace.exec(["sleep"])
        return "stubborn"

    world = World(wall_seconds=10, program=program)
    outcome = run_agent(Scripted(work), world.workspace)
    assert (outcome.submission, outcome.usage.actions) == ("", 1)
    assert outcome.limit is not None


def test_the_agents_own_failure_is_a_result_with_its_evidence() -> None:
    world = World(program=lambda call: Answer(exit_code=7, stdout=b"o", stderr=b"e"))
    outcome = run_agent(solver(), world.workspace)
    assert outcome.submission == ""
    assert outcome.limit is None
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.cause) == ("agent", "agent")
    assert outcome.failure.message == "the agent's command ended with exit code 7: e"
    assert outcome.failure.evidence == {"exit_code": "7", "stdout": "o", "stderr": "e"}
    assert outcome.usage.actions == 3


def test_any_agent_error_is_the_agents_failure() -> None:
    def work(workspace: Workspace) -> str:
        raise AgentError("the model refused")

    outcome = run_agent(Scripted(work), World().workspace)
    assert outcome.failure is not None
    assert (outcome.failure.message, outcome.failure.evidence) == ("the model refused", {})


def test_a_broken_sandbox_is_not_the_agents_failure() -> None:
    world = World()
    world.sandbox.broken = True
    with pytest.raises(SandboxError):
        run_agent(solver(), world.workspace)
    world.time.now += 5
    assert world.clock.seconds == 0


def test_a_sandbox_that_breaks_before_what_was_left_is_read_is_not_overlooked() -> None:
    def program(call: object) -> Answer:
        world.sandbox.broken = True
        return Answer(seconds=99)

    world = World(wall_seconds=10, program=program)
    with pytest.raises(SandboxError):
        run_agent(solver(), world.workspace)


def test_an_unexpected_exception_of_an_agents_code_is_an_internal_error_with_its_traceback() -> None:
    def work(workspace: Workspace) -> str:
        raise ZeroDivisionError("by nothing")

    with pytest.raises(
        InfrastructureError, match="the agent's own code failed: ZeroDivisionError: by nothing"
    ) as caught:
        run_agent(Scripted(work), World().workspace)
    assert caught.value.cause == "internal"
    assert "in work" in caught.value.evidence["traceback"]
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_persons_interrupt_goes_on_and_stops_the_clock() -> None:
    def work(workspace: Workspace) -> str:
        raise KeyboardInterrupt

    world = World()
    with pytest.raises(KeyboardInterrupt):
        run_agent(Scripted(work), world.workspace)
    world.time.now += 5
    assert world.clock.seconds == 0
