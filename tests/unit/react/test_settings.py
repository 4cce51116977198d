"""What an agent file may say of the loop, and what is told where it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_metr.agent import load_agent, make_agent
from pytest_metr.agent.react import ReactAgent
from pytest_metr.agent.react.prompts import PROMPTS, describe_limits, fill
from pytest_metr.errors import UsageMistake
from pytest_metr.types import AgentSpec, Limits
from tests.unit.react.hands import settings_of

MODEL = {"kind": "react", "model": "openai/m", "base_url": "http://127.0.0.1:1/v1"}


def load(folder: Path, **given: Any) -> AgentSpec:
    (folder / "mine.yaml").write_text(yaml.safe_dump({**MODEL, **given}), encoding="utf-8")
    return load_agent("mine", search=[folder])


def test_a_file_with_a_model_alone_is_an_agent(tmp_path: Path) -> None:
    spec = load(tmp_path)
    assert isinstance(make_agent(spec), ReactAgent)
    assert AgentSpec.from_json(spec.to_json()) == spec
    settings = settings_of()
    assert settings.tools == ("bash", "python", "score", "submit")
    assert (settings.tool_calls, settings.context_tokens, settings.give_up_after) == ("native", None, 3)
    assert (settings.tool_timeout_seconds, settings.tool_timeout_most) == (180, 1800)


def test_every_setting_is_part_of_the_identity(tmp_path: Path) -> None:
    given: list[dict[str, Any]] = [
        {},
        {"tools": ["bash", "submit"]},
        {"tool_calls": "text"},
        {"context_tokens": 8192},
        {"prompts": {"task": "$instructions"}},
        {"tool_timeout_seconds": 60},
        {"tool_timeout_most": 600},
        {"output_limit": 2000},
        {"give_up_after": 5},
        {"max_tokens": 500},
        {"sampling": {"temperature": 0}},
        {"model": "openai/other"},
    ]
    assert len({load(tmp_path, **each).identity for each in given}) == len(given)


@pytest.mark.parametrize(
    ("given", "key", "told"),
    [
        ({"tools": ["bash"]}, "tools", "expected submit among them"),
        ({"tools": []}, "tools", "expected submit among them"),
        ({"tools": ["bahs", "submit"]}, "tools[0]", "did you mean 'bash'"),
        ({"tools": [1, "submit"]}, "tools[0]", "expected one of bash, python, score, submit, found a number (1)"),
        ({"tools": "bash"}, "tools", "expected a list"),
        ({"tool_calls": "json"}, "tool_calls", "expected one of native, text"),
        ({"context_tokens": 10}, "context_tokens", "expected a whole number of 1000 or more"),
        ({"context_tokens": 4096, "max_tokens": 4096}, "max_tokens", "expected less than context_tokens (4096)"),
        ({"tool_timeout_seconds": 0}, "tool_timeout_seconds", "above 0"),
        ({"tool_timeout_seconds": 60, "tool_timeout_most": 50}, "tool_timeout_seconds", "at most tool_timeout_most"),
        ({"output_limit": 10}, "output_limit", "200 or more"),
        ({"give_up_after": 0}, "give_up_after", "above 0"),
        ({"prompts": {"tsak": "x"}}, "prompts.tsak", "did you mean 'task'"),
        ({"prompts": {"task": "$instruction"}}, "prompts.task", "expected $instructions, found $instruction"),
        ({"prompts": {"task": "costs 5$"}}, "prompts.task", "a dollar sign itself is written $$"),
        ({"prompts": {"cut_short": "${left}"}}, "prompts.cut_short", "expected no parts to be filled in, found $left"),
        ({"prompts": "x"}, "prompts", "expected a mapping"),
        ({"temperature": 1}, "temperature", "unknown key"),
    ],
)
def test_a_mistake_is_told_by_its_key(tmp_path: Path, given: dict[str, Any], key: str, told: str) -> None:
    with pytest.raises(UsageMistake) as mistake:
        load(tmp_path, **given)
    assert (mistake.value.key, told in mistake.value.message) == (key, True), mistake.value


def test_a_file_without_a_model_says_where_it_may_come_from(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("kind: react\n", encoding="utf-8")
    with pytest.raises(UsageMistake, match="--metr-model=provider/name"):
        load_agent("mine", search=[tmp_path])
    spec = load_agent("mine", search=[tmp_path], overrides={"model": "openai/m", "base_url": "http://127.0.0.1:1/v1"})
    assert isinstance(make_agent(spec), ReactAgent)


def test_a_longer_usual_timeout_raises_the_most() -> None:
    assert settings_of(tool_timeout_seconds=4000).tool_timeout_most == 4000


def test_every_text_of_the_package_has_the_parts_that_are_filled_in() -> None:
    for prompt in PROMPTS.values():
        filled = fill(prompt.text, **{name: f"<{name} $x ${{y}}>" for name in prompt.parts})
        for name in prompt.parts:
            assert f"<{name} $x ${{y}}>" in filled


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (Limits(), "There is no limit on your time, or on how much you do."),
        (
            Limits(wall_seconds=7200, tokens=500_000, cost=2.5, actions=200),
            "Your limits: 7200 seconds in all; 500000 tokens in all, in all requests and replies; 2.5 US dollars for "
            "all requests and replies; 200 calls of tools. When one of them is reached, the run ends at once, without "
            "a warning.",
        ),
    ],
)
def test_the_model_is_told_its_limits(limits: Limits, told: str) -> None:
    assert describe_limits(limits) == told
