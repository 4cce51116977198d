"""``pytest-metr freeze``, with models that the command line names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.commands.command import Command


@pytest.fixture
def agents(tmp_path: Path) -> Path:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "mine.yaml").write_text("kind: react\n", encoding="utf-8")
    return tmp_path / "agents"


def test_an_agent_is_as_it_was_with_the_model_that_it_was_frozen_with(command: Command, agents: Path) -> None:
    model = ("--model", "openai/one", "--base-url", "http://127.0.0.1:1/v1")
    assert "mine is frozen as " in command("freeze", "mine", "--agents", agents, *model, "--by", "ada").out
    assert "mine is frozen already as " in command("freeze", "mine", "--agents", agents, *model).out
    [_, row] = command("freeze", "--agents", agents).out.splitlines()
    assert "as it was  openai/one at http://127.0.0.1:1/v1" in row
    other = command("freeze", "mine", "--agents", agents, "--model", "openai/two")
    assert "it was frozen as " in other.out
    (agents / "mine.yaml").write_text("kind: react\nlimits: {actions: 3}\n", encoding="utf-8")
    [_, row] = command("freeze", "--agents", agents).out.splitlines()
    assert "changed  openai/two" in row


def test_an_agent_that_there_is_not_is_named_as_the_command_has_it(command: Command, agents: Path) -> None:
    told = command.refuses("freeze", "mien", "--agents", agents)
    assert told.startswith("AGENT: unknown agent 'mien'")
    assert told.endswith("did you mean 'mine'?")


def test_a_model_that_nobody_named_is_asked_for_by_the_commands_own_option(command: Command, agents: Path) -> None:
    told = command.refuses("freeze", "mine", "--agents", agents)
    asked = "model: expected provider/name here, or --model=provider/name on the command line"
    assert told == f"{agents / 'mine.yaml'}: {asked}"
    assert command.refuses("freeze", "mine", "--agents", agents, "--model", "gpt").startswith("--model: expected ")


@pytest.mark.parametrize(
    "change", [{"overrides": ["model"]}, {"overrides": {"model": 3}}, {"note": 3}, {"identity": None}]
)
def test_a_line_that_nobody_wrote_so_is_refused(command: Command, agents: Path, change: dict[str, object]) -> None:
    line = {"agent": "mine", "identity": "a", "at": "now", "by": "ada", "note": "", "overrides": {}}
    (agents / "frozen.jsonl").write_text(json.dumps({**line, **change}) + "\n", encoding="utf-8")
    told = command.refuses("freeze", "--agents", agents)
    assert told.startswith(f"{agents / 'frozen.jsonl'}:1: expected a line of pytest-metr freeze")
