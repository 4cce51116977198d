"""The agent that does again what was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.agent import load_agent, make_agent
from pytest_metr.errors import AgentError, InfrastructureError, UsageMistake
from pytest_metr.interfaces import Agent, VisibleScore

from .fakes import Answer, World


def replay(folder: Path, recordings: Any, name: str = "rec.json") -> Agent:
    """Return an agent that replays what is given, as data or as the text of the file."""
    (folder / name).write_text(recordings if isinstance(recordings, str) else json.dumps(recordings))
    (folder / "x.yaml").write_text(f"kind: replay\nfile: {name}")
    return make_agent(load_agent("x", search=[folder]))


def test_every_action_is_done_in_order_and_the_recorded_submission_handed_in(tmp_path: Path) -> None:
    actions = [
        {"exec": ["a", "b"], "cwd": "/tmp", "env": {"K": "v"}, "stdin": "né", "timeout": 5},
        {"exec": "c | d"},
        {"write": "/home/agent/f", "content": "text\n"},
        {"score": True},
    ]
    world = World(score=lambda: VisibleScore(message="m", score=None))
    agent = replay(tmp_path, {"riddles/first": {"actions": actions, "submission": "yes\n"}})
    assert agent.run(world.workspace) == "yes\n"
    first, second = world.sandbox.calls
    assert (first.argv, first.cwd, first.env, first.stdin, first.timeout) == (
        ["a", "b"],
        "/tmp",
        {"K": "v"},
        "né".encode(),
        5,
    )
    assert (second.argv, second.cwd, second.timeout) == (["bash", "-c", "c | d"], None, None)
    assert world.sandbox.files == {"/home/agent/f": b"text\n"}
    assert [kind for kind, _ in world.transcript.events] == ["exec", "exec", "write_file", "score"]


def test_a_recording_may_be_yaml_and_have_no_actions(tmp_path: Path) -> None:
    agent = replay(tmp_path, "riddles/first:\n  submission: '42'\n", "rec.yaml")
    assert agent.run(World().workspace) == "42"


def test_characters_beyond_the_basic_plane_survive_json(tmp_path: Path) -> None:
    agent = replay(tmp_path, {"riddles/first": {"submission": "\U0001f600"}})
    assert agent.run(World().workspace) == "\U0001f600"


def test_a_command_that_fails_or_times_out_does_not_end_the_replay(tmp_path: Path) -> None:
    world = World(program=lambda call: Answer(exit_code=1, seconds=9))
    actions = [{"exec": "x"}, {"exec": "x", "timeout": 0.5}, {"exec": "x"}]
    agent = replay(tmp_path, {"riddles/first": {"actions": actions, "submission": "s"}})
    assert agent.run(world.workspace) == "s"
    assert len(world.sandbox.calls) == 3


def test_a_task_without_a_recording_is_not_the_agents_failure(tmp_path: Path) -> None:
    agent = replay(tmp_path, {"riddles/other": {"submission": ""}})
    with pytest.raises(InfrastructureError, match="no recording for riddles/first") as caught:
        agent.run(World().workspace)
    assert caught.value.cause == "no_recording"


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ({"write": "/root/x", "content": ""}, r"actions\[0\] cannot be done: .*Permission denied"),
        ({"score": True}, "has no intermediate scoring"),
    ],
)
def test_an_action_that_cannot_be_done_is_the_agents_failure(action: Any, said: str, tmp_path: Path) -> None:
    agent = replay(tmp_path, {"riddles/first": {"actions": [action], "submission": ""}})
    with pytest.raises(AgentError, match=said):
        agent.run(World().workspace)


@pytest.mark.parametrize(
    ("recordings", "said"),
    [
        ("{", "malformed JSON: line 1: Expecting property name"),
        ("[" * 100_000, "is nested too deeply"),
        ('{"a/b": ' + "1" * 5000 + "}", "malformed JSON: Exceeds the limit"),
        ({}, "expected a mapping from keys to values, found an empty mapping"),
        ({"first": {}}, "first: expected a task id, family/task"),
        ({"riddles/": {}}, "riddles/: expected a task id, family/task"),
        ({"a/b": 1}, "a/b: expected a mapping, found a number (1)"),
        ({"a/b": {}}, "a/b.submission: missing; expected text"),
        ({"a/b": {"submission": "", "action": []}}, "a/b.action: unknown key; expected one of submission, actions"),
        ({"a/b": {"submission": "", "actions": {}}}, "a/b.actions: expected a list, found an empty mapping"),
        ({"a/b": {"submission": "", "actions": ["ls"]}}, "a/b.actions[0]: expected a mapping, found text (ls)"),
        ({"a/b": {"submission": "", "actions": [{}]}}, "a/b.actions[0]: expected an action: exec, write or score"),
        ({"a/b": {"submission": "", "actions": [{"score": False}]}}, "a/b.actions[0].score: expected true"),
        ({"a/b": {"submission": "", "actions": [{"score": 1}]}}, "a/b.actions[0].score: expected true or false"),
        ({"a/b": {"submission": "", "actions": [{"write": "/f"}]}}, "a/b.actions[0].content: missing; expected text"),
        ({"a/b": {"submission": "", "actions": [{"exec": "x", "content": ""}]}}, "a/b.actions[0].content: unknown key"),
        ({"a/b": {"submission": "", "actions": [{"exec": "x", "timeout": -1}]}}, "a/b.actions[0].timeout: expected a"),
        ({"a/b": {"submission": "\ud800"}}, "a/b.submission: expected text that can be written as UTF-8"),
        ('{"a/b": {"submission": "", "submission": ""}}', "submission: the key is there twice"),
    ],
)
def test_a_mistake_in_a_recording_is_told_when_the_agent_is_loaded(recordings: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageMistake) as caught:
        replay(tmp_path, recordings)
    assert str(caught.value).startswith(f"{tmp_path / 'rec.json'}: {said}")
