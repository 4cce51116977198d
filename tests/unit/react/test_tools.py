"""Calls of tools: which can be made, and what those give that need no sandbox."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.agent.models.chat import ToolCall
from pytest_metr.agent.react.settings import TOOLS
from pytest_metr.agent.react.tools import Malformed, Submitted, Toolbox, read_arguments
from pytest_metr.interfaces import VisibleScore
from tests.unit.agent.fakes import PATIENT, World
from tests.unit.react.hands import settings_of


def toolbox(world: World, **settings: Any) -> Toolbox:
    return Toolbox(world.workspace, settings_of(**settings))


def call(tools: Toolbox, name: str, arguments: str = "{}") -> str:
    return tools.call(ToolCall(id="1", name=name, arguments=arguments))


def names(tools: Toolbox) -> list[str]:
    return [spec.name for spec in tools.specs]


def test_score_is_offered_only_where_the_task_has_such_scores() -> None:
    scored = World(score=lambda: VisibleScore(message="", score=1.0))
    assert names(toolbox(World())) == ["bash", "python", "submit"]
    assert names(toolbox(scored)) == list(TOOLS)
    assert names(toolbox(scored, tools=["submit", "bash"])) == ["bash", "submit"]
    with pytest.raises(Malformed, match="there is no tool 'score', only bash, python, submit"):
        call(toolbox(World()), "score")


@pytest.mark.parametrize(
    ("visible", "shown"),
    [
        (VisibleScore(message={"hint": "é"}, score=None), '{"message": {"hint": "é"}}'),
        (VisibleScore(message="", score=0.5), '{"message": "", "score": 0.5}'),
        (
            VisibleScore(message=None, score=math.nan),
            '{"message": null, "score": "none: what there is now is not valid"}',
        ),
    ],
)
def test_a_score_is_shown_as_far_as_it_may_be(visible: VisibleScore, shown: str) -> None:
    world = World(score=lambda: visible)
    assert call(toolbox(world), "score", "") == shown
    assert world.workspace.usage.actions == 1


@pytest.mark.parametrize("answer", ["", " 42\n", "```\n", "日" * 1000, '{"a": 1}'])
def test_a_submission_is_what_was_given(answer: str) -> None:
    world = World()
    with pytest.raises(Submitted) as submitted:
        call(toolbox(world), "submit", json.dumps({"answer": answer}))
    assert submitted.value.answer == answer
    assert [event["answer"] for event in world.transcript.of("submit")] == [answer]
    assert world.workspace.usage.actions == 1


@pytest.mark.parametrize(
    ("name", "arguments", "problem"),
    [
        ("bash", "ls", "the arguments of bash are no JSON (Expecting value: line 1 column 1 (char 0))"),
        ("bash", '{"command": "ls"', "are no JSON"),
        ("bash", "[" * 100_000, "are no JSON"),
        ("bash", "9" * 5000, "are no JSON"),
        ("bash", '"ls"', "the arguments of bash are no JSON object"),
        ("bash", "null", "are no JSON object"),
        ("bash", "", "bash needs the argument 'command'"),
        ("bash", "{}", "bash needs the argument 'command'"),
        ("bash", '{"command": 5}', "the argument 'command' must be text"),
        ("bash", '{"command": null}', "the argument 'command' must be text"),
        ("bash", '{"command": ["ls"]}', "must be text"),
        ("bash", '{"cmd": "ls"}', "bash has no argument 'cmd', only command, timeout"),
        ("bash", r'{"command": "a\u0000b"}', "has a zero byte"),
        ("submit", r'{"answer": "\ud800"}', "half of a surrogate pair"),
        ("bash", '{"command": "ls", "timeout": "60"}', "the argument 'timeout' must be a number above 0"),
        ("bash", '{"command": "ls", "timeout": 0}', "must be a number above 0"),
        ("bash", '{"command": "ls", "timeout": true}', "must be a number above 0"),
        ("bash", '{"command": "ls", "timeout": NaN}', "must be a number above 0"),
        ("bash", '{"command": "ls", "timeout": 1' + "0" * 400 + "}", "must be a number above 0"),
        ("score", '{"now": true}', "score has no argument 'now', only none"),
        ("", "{}", "there is no tool ''"),
    ],
)
def test_a_call_that_cannot_be_made_is_told_in_words(name: str, arguments: str, problem: str) -> None:
    world = World(score=lambda: VisibleScore(message="", score=None))
    with pytest.raises(Malformed) as malformed:
        call(toolbox(world), name, arguments)
    assert problem in str(malformed.value)
    assert world.workspace.usage.actions == 0


@given(st.one_of(st.text(), st.recursive(st.none() | st.text() | st.floats(), st.lists).map(json.dumps)))
@PATIENT
def test_whatever_a_model_gives_is_read_or_told(text: str) -> None:
    [spec] = [spec for spec in toolbox(World()).specs if spec.name == "bash"]
    with suppress(Malformed):
        assert read_arguments(text, spec).keys() >= {"command"}


def test_what_the_model_is_told_of_a_tool_is_what_is_checked() -> None:
    for spec in toolbox(World(score=lambda: VisibleScore(message="", score=None))).specs:
        assert set(spec.parameters["required"]) <= set(spec.parameters["properties"])
        assert spec.description
    [bash] = [spec for spec in toolbox(World(), tool_timeout_seconds=7).specs if spec.name == "bash"]
    assert "7 unless given, at most 1800" in bash.parameters["properties"]["timeout"]["description"]
