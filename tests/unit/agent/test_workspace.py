"""What an agent can do, how it is counted and written down, and when it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.agent.workspace import TRANSCRIPT_LIMIT, clip
from pytest_metr.errors import AgentError, LimitReached, SandboxError
from pytest_metr.interfaces import VisibleScore, Workspace

from .fakes import PATIENT, Answer, World


def test_a_limited_workspace_is_a_workspace() -> None:
    workspace: Workspace = World(wall_seconds=3, instructions="Do.").workspace
    assert (workspace.task_id, workspace.instructions) == ("riddles/first", "Do.")
    assert workspace.limits.wall_seconds == 3
    assert workspace.solution is None


def test_every_call_runs_as_the_agent(tmp_path: Path) -> None:
    world = World()
    world.workspace.exec(["true"])
    world.workspace.write_file("/home/agent/a", b"x")
    world.workspace.read_file("/home/agent/a")
    world.workspace.put_tree(tmp_path, "/home/agent/tree")
    world.workspace.read_leftover("/home/agent/a", limit=10)
    assert set(world.sandbox.users) == {"agent"}


def test_a_command_is_passed_on_and_written_down_with_all_that_came_of_it() -> None:
    world = World(program=lambda call: Answer(exit_code=3, stdout=b"out\xff", stderr=b"err", seconds=2))
    result = world.workspace.exec(["sh", "-c", "x"], cwd="/tmp", env={"A": "1"}, stdin=b"in", timeout=9, output_limit=3)
    call = world.sandbox.calls[0]
    assert (call.argv, call.cwd, call.env, call.stdin, call.timeout) == (
        ["sh", "-c", "x"],
        "/tmp",
        {"A": "1"},
        b"in",
        9,
    )
    assert (result.exit_code, result.stdout) == (3, b"out")
    assert world.transcript.of("exec") == [
        {
            "argv": ["sh", "-c", "x"],
            "cwd": "/tmp",
            "env": {"A": "1"},
            "timeout": 9,
            "stdin": "in",
            "exit_code": 3,
            "timed_out": False,
            "seconds": 2,
            "stdout": "out",
            "stderr": "err",
            "stdout_dropped": 1,
            "stderr_dropped": 0,
        }
    ]


def test_long_output_is_cut_in_the_transcript_and_whole_for_the_agent() -> None:
    world = World(program=lambda call: Answer(stdout=b"a" * 100_000 + b"z" * 100_000))
    assert len(world.workspace.exec(["yes"]).stdout) == 200_000
    text = world.transcript.of("exec")[0]["stdout"]
    assert text.startswith("aaa")
    assert text.endswith("zzz")
    assert f"[... {200_000 - TRANSCRIPT_LIMIT} bytes dropped ...]" in text


def test_files_and_trees_are_written_down_with_their_sizes(tmp_path: Path) -> None:
    world = World()
    world.workspace.write_file("/home/agent/a", b"abc", mode=0o600)
    assert world.workspace.read_file("/home/agent/a", limit=3) == b"abc"
    world.workspace.put_tree(tmp_path, "/home/agent/tree")
    assert world.transcript.events == [
        ("write_file", {"path": "/home/agent/a", "mode": "0600", "size": 3, "content": "abc"}),
        ("read_file", {"path": "/home/agent/a", "size": 3, "content": "abc"}),
        ("put_tree", {"source": str(tmp_path), "destination": "/home/agent/tree"}),
    ]
    assert world.workspace.usage.actions == 3


def test_a_call_that_fails_is_an_action_and_an_event_and_its_error_goes_on() -> None:
    world = World()
    with pytest.raises(FileNotFoundError):
        world.workspace.read_file("/home/agent/none")
    world.sandbox.broken = True
    with pytest.raises(SandboxError):
        world.workspace.exec(["true"])
    assert world.workspace.usage.actions == 2
    assert world.transcript.of("read_file")[0]["error"].startswith("FileNotFoundError")
    assert world.transcript.of("exec")[0]["error"] == "SandboxError: the sandbox is gone"


@pytest.mark.parametrize(
    ("wall_seconds", "timeout", "passed_on"), [(None, None, None), (None, 5, 5), (10, None, 8), (10, 5, 5), (10, 50, 8)]
)
def test_a_command_gets_the_tighter_of_its_timeout_and_the_time_left(
    wall_seconds: float | None, timeout: float | None, passed_on: float | None
) -> None:
    world = World(wall_seconds=wall_seconds)
    world.clock.start()
    world.time.now += 2
    world.workspace.exec(["true"], timeout=timeout)
    assert world.sandbox.calls[0].timeout == passed_on


def test_the_agents_own_timeout_is_a_result() -> None:
    world = World(wall_seconds=10, program=lambda call: Answer(seconds=60))
    assert world.workspace.exec(["sleep", "60"], timeout=4).timed_out
    assert world.transcript.of("limit") == []


@pytest.mark.parametrize("timeout", [None, 10, 60])
def test_a_command_that_the_limit_ended_raises_it_after_it_was_written_down(timeout: float | None) -> None:
    world = World(wall_seconds=10, program=lambda call: Answer(seconds=99, stdout=b"half"))
    with pytest.raises(LimitReached, match="wall_seconds 10"):
        world.workspace.exec(["sleep", "99"], timeout=timeout)
    assert [kind for kind, _ in world.transcript.events] == ["exec", "limit"]
    assert world.transcript.of("exec")[0]["stdout"] == "half"
    assert world.transcript.of("limit") == [{"name": "wall_seconds", "allowed": 10, "used": 10}]


def test_nothing_is_done_once_the_time_is_up_and_the_limit_is_told_once(tmp_path: Path) -> None:
    scored: list[int] = []

    def score() -> VisibleScore:
        scored.append(1)
        return VisibleScore(message=None, score=None)

    world = World(wall_seconds=10, score=score)
    world.workspace.exec(["true"])
    world.time.now += 10
    workspace, before = world.workspace, len(world.sandbox.users)
    for call in (
        lambda: workspace.exec(["true"]),
        lambda: workspace.read_file("/home/agent/a"),
        lambda: workspace.write_file("/home/agent/a", b""),
        lambda: workspace.put_tree(tmp_path, "/home/agent/t"),
        lambda: workspace.score(),
    ):
        with pytest.raises(LimitReached):
            call()
    assert len(world.sandbox.users) == before
    assert scored == []
    assert workspace.usage.actions == 1
    assert len(world.transcript.of("limit")) == 1


def test_what_was_left_can_be_read_when_the_time_is_up() -> None:
    world = World(wall_seconds=1)
    world.workspace.write_file("/home/agent/a", b"left")
    world.time.now += 5
    assert world.workspace.read_leftover("/home/agent/a", limit=100) == b"left"
    assert world.workspace.usage.actions == 1


def test_the_agent_sees_its_score_and_the_time_of_scoring_is_not_its_own() -> None:
    def score() -> VisibleScore:
        world.time.now += 500
        return VisibleScore(message={"hint": "warmer"}, score=0.5)

    world = World(wall_seconds=10, score=score)
    assert world.workspace.can_score
    assert world.workspace.score() == VisibleScore(message={"hint": "warmer"}, score=0.5)
    assert world.workspace.usage.seconds == 0
    assert world.transcript.of("score") == [{"message": {"hint": "warmer"}, "score": 0.5}]


def test_a_score_that_the_task_does_not_give_is_a_mistake_of_the_agent() -> None:
    world = World()
    assert not world.workspace.can_score
    with pytest.raises(AgentError, match="riddles/first has no intermediate scoring"):
        world.workspace.score()


def test_the_agents_own_lines_go_to_the_transcript_and_are_no_actions() -> None:
    world = World()
    world.workspace.record("thought", text="hm")
    assert world.transcript.events == [("thought", {"text": "hm"})]
    assert world.workspace.usage.actions == 0


@PATIENT
@given(st.binary(max_size=300), st.integers(2, 100))
def test_a_clipped_text_keeps_both_ends_and_says_how_much_went(data: bytes, limit: int) -> None:
    text = clip(data, limit=limit)
    if len(data) <= limit:
        assert text == data.decode("utf-8", "replace")
    else:
        assert f"[... {len(data) - limit} bytes dropped ...]" in text


@PATIENT
@given(st.text(st.characters(), max_size=50))
def test_a_short_text_is_kept_as_it_is(text: str) -> None:
    assert clip(text, limit=400) == text
