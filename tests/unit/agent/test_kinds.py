"""What the oracle, the command agent and the agent that does nothing do in a sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_metr.agent import load_agent, make_agent
from pytest_metr.agent.handover import SUBMISSION_LIMIT
from pytest_metr.agent.kinds.oracle import solution_command
from pytest_metr.errors import AgentError, InfrastructureError
from pytest_metr.interfaces import Agent

from .fakes import Answer, Call, World

SUBMISSION = "/home/agent/submission.txt"


def command_agent(folder: Path, text: str = "command: [solve, --fast]") -> Agent:
    """Return a command agent with the given settings."""
    (folder / "x.yaml").write_text("kind: command\n" + text)
    return make_agent(load_agent("x", search=[folder]))


def leaving(submission: bytes, exit_code: int = 0) -> World:
    """Return a world whose every program leaves a submission."""
    return World(program=lambda call: Answer(exit_code=exit_code, files={SUBMISSION: submission}))


def notes(world: World) -> list[str]:
    return [data["text"] for data in world.transcript.of("note")]


def test_the_noop_agent_hands_in_nothing_and_touches_nothing() -> None:
    world = World()
    assert make_agent(load_agent("noop", search=[])).run(world.workspace) == ""
    assert world.sandbox.users == []


def test_a_command_finds_the_instructions_exactly_and_its_code_and_only_its_variables(tmp_path: Path) -> None:
    (tmp_path / "code" / "__pycache__").mkdir(parents=True)
    (tmp_path / "code" / "pkg" / "__pycache__").mkdir(parents=True)
    (tmp_path / "code" / "pkg" / "main.py").write_text("print()")
    (tmp_path / "code" / "pkg" / "__pycache__" / "main.pyc").write_text("")
    seen: list[tuple[Call, dict[str, bytes]]] = []

    def program(call: Call) -> Answer:
        seen.append((call, dict(world.sandbox.files)))
        return Answer()

    world = World(program=program, instructions="Räte\r\nmal ")
    command_agent(tmp_path, "command: [solve, --fast]\ncode: code\nenv: {A: b}").run(world.workspace)
    [(call, files)] = seen
    assert (call.argv, call.cwd, call.env) == (["solve", "--fast"], "/home/agent", {"A": "b"})
    assert files == {
        "/home/agent/instructions.txt": "Räte\r\nmal ".encode(),
        "/home/agent/scaffolding/pkg/main.py": b"print()",
    }


def test_a_command_given_as_text_is_run_by_bash(tmp_path: Path) -> None:
    world = World()
    command_agent(tmp_path, "command: solve | tee log").run(world.workspace)
    assert world.sandbox.calls[0].argv == ["bash", "-c", "solve | tee log"]


@pytest.mark.parametrize("submission", ["", "yes", "yes\n", " \r\n\0é", "\ufeffx"])
def test_the_submission_is_the_file_exactly(submission: str, tmp_path: Path) -> None:
    world = leaving(submission.encode())
    assert command_agent(tmp_path).run(world.workspace) == submission
    assert notes(world) == []


def test_a_command_that_leaves_nothing_hands_in_nothing(tmp_path: Path) -> None:
    world = World()
    assert command_agent(tmp_path).run(world.workspace) == ""
    assert notes(world) == [f"no {SUBMISSION}: the submission is empty"]


def test_a_command_that_fails_without_a_submission_is_the_agents_failure(tmp_path: Path) -> None:
    world = World(program=lambda call: Answer(exit_code=3, stdout=b"working", stderr=b"x" * 9000 + b"KeyError: 1\n"))
    with pytest.raises(AgentError, match=r"the agent's command ended with exit code 3: x+KeyError: 1$") as caught:
        command_agent(tmp_path).run(world.workspace)
    assert len(str(caught.value)) < 3000


def test_what_a_failing_command_printed_is_told_where_it_said_no_error(tmp_path: Path) -> None:
    world = World(program=lambda call: Answer(exit_code=1, stdout=b"giving up"))
    with pytest.raises(AgentError, match="exit code 1: giving up"):
        command_agent(tmp_path).run(world.workspace)


def test_a_submission_counts_although_the_command_failed_and_that_is_noted(tmp_path: Path) -> None:
    world = leaving(b"yes", exit_code=1)
    assert command_agent(tmp_path).run(world.workspace) == "yes"
    assert notes(world) == ["exit code 1, but there is a submission, which counts"]


def test_a_submission_that_is_not_utf8_counts_as_far_as_it_can_be_read(tmp_path: Path) -> None:
    world = leaving(b"a\xffb")
    assert command_agent(tmp_path).run(world.workspace) == "a\ufffdb"
    assert notes(world) == ["the submission is not UTF-8; what is not became U+FFFD"]


def test_a_submission_that_is_no_file_or_too_large_is_the_agents_failure(tmp_path: Path) -> None:
    world = World()
    world.sandbox.odd.add(SUBMISSION)
    with pytest.raises(AgentError, match="is no regular file"):
        command_agent(tmp_path).run(world.workspace)
    with pytest.raises(AgentError, match=f"at most {SUBMISSION_LIMIT} bytes"):
        command_agent(tmp_path).run(leaving(b"x" * (SUBMISSION_LIMIT + 1)).workspace)
    assert len(command_agent(tmp_path).run(leaving(b"x" * SUBMISSION_LIMIT).workspace)) == SUBMISSION_LIMIT


def test_instructions_that_are_no_utf8_are_given_as_far_as_they_can_be_and_that_is_noted(tmp_path: Path) -> None:
    world = World(instructions="a\ud800b")
    command_agent(tmp_path).run(world.workspace)
    assert world.sandbox.files["/home/agent/instructions.txt"] == b"a?b"
    assert "UTF-8" in notes(world)[0]


@pytest.mark.parametrize(
    ("files", "task", "argv"),
    [
        (["first.py", "first.sh", "solve.py"], "first", ["python", "/home/agent/solution/first.py"]),
        (["first.sh", "solve.py"], "first", ["bash", "/home/agent/solution/first.sh"]),
        (["solve.py", "solve.sh"], "first", ["python", "/home/agent/solution/solve.py", "first"]),
        (["solve.sh", "other.py"], "first", ["bash", "/home/agent/solution/solve.sh", "first"]),
        (["a_b_c.py"], "a/b c", ["python", "/home/agent/solution/a_b_c.py"]),
        (["solve.py"], "a/b c", ["python", "/home/agent/solution/solve.py", "a/b c"]),
        (["other.py"], "first", None),
        ([], "x" * 5000, None),
    ],
)
def test_the_oracle_takes_the_first_solution_there_is(
    files: list[str], task: str, argv: list[str] | None, tmp_path: Path
) -> None:
    for name in files:
        (tmp_path / name).touch()
    (tmp_path / "first.d").mkdir()
    assert solution_command(tmp_path, task) == argv


def test_the_oracle_runs_the_solution_as_the_agent_in_its_home(tmp_path: Path) -> None:
    (tmp_path / "second_part.py").write_text("solve()")
    world = World(
        task_id="riddles/second/part",
        solution=tmp_path,
        program=lambda call: Answer(files={SUBMISSION: b"42\n"}),
    )
    assert make_agent(load_agent("oracle", search=[])).run(world.workspace) == "42\n"
    call = world.sandbox.calls[0]
    assert (call.user, call.cwd) == ("agent", "/home/agent")
    assert call.argv == ["python", "/home/agent/solution/second_part.py"]
    assert world.sandbox.files["/home/agent/solution/second_part.py"] == b"solve()"


def test_a_solution_may_leave_no_submission(tmp_path: Path) -> None:
    (tmp_path / "solve.sh").touch()
    assert make_agent(load_agent("oracle", search=[])).run(World(solution=tmp_path).workspace) == ""


def test_a_solution_that_fails_is_the_oracles_failure_even_with_a_submission(tmp_path: Path) -> None:
    (tmp_path / "solve.sh").touch()
    world = World(solution=tmp_path, program=lambda call: Answer(exit_code=2, stderr=b"no", files={SUBMISSION: b"1"}))
    with pytest.raises(AgentError, match=r"the solution /home/agent/solution/solve\.sh ended with exit code 2: no"):
        make_agent(load_agent("oracle", search=[])).run(world.workspace)


@pytest.mark.parametrize("there", [None, "empty", "gone"])
def test_the_oracle_cannot_run_without_a_solution(there: str | None, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    world = World(solution=None if there is None else tmp_path / there)
    expected = "family riddles has no solution/ for task first: the oracle cannot run"
    with pytest.raises(InfrastructureError, match=expected) as caught:
        make_agent(load_agent("oracle", search=[])).run(world.workspace)
    assert caught.value.cause == "no_solution"
    assert world.sandbox.users == []
