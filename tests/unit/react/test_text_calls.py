"""Calls in the text of a reply."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_metr.agent.models.chat import ToolSpec
from pytest_metr.agent.react.text_calls import find_call
from tests.unit.agent.fakes import PATIENT


def spec(name: str, *needed: str) -> ToolSpec:
    return ToolSpec(name=name, description="", parameters={"required": list(needed)})


TOOLS = (spec("bash", "command"), spec("python", "code"), spec("score"), spec("submit", "answer"))


def found(text: str) -> tuple[str, dict[str, str]] | None:
    call = find_call(text, TOOLS)
    return None if call is None else (call.name, json.loads(call.arguments))


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("```bash\nls\n```", ("bash", {"command": "ls"})),
        ("I look.\n\n```bash\nls\nwc -l\n```\nThen I go on.", ("bash", {"command": "ls\nwc -l"})),
        ("```python\nprint(1)\n```\n```submit\nno\n```", ("python", {"code": "print(1)"})),
        ("```json\n{}\n```\nnow:\n```bash\nls\n```", ("bash", {"command": "ls"})),
        ("```\n```bash\n```\n```bash\nls\n```", ("bash", {"command": "ls"})),
        ("```score\n```", ("score", {})),
        ("```score\nnow, please\n```", ("score", {})),
        ("```submit\n\n```", ("submit", {"answer": ""})),
        ("```submit\n```", ("submit", {"answer": ""})),
        ("```submit\n 42 \n\n```", ("submit", {"answer": " 42 \n"})),
        ("````submit\n```\ncode\n```\n````", ("submit", {"answer": "```\ncode\n```"})),
        ("```bash\r\nls\r\n```\r\n", ("bash", {"command": "ls"})),
        ("  ``` bash \nls\n  ```", ("bash", {"command": "ls"})),
        ("```bash\necho '```'\n```", ("bash", {"command": "echo '```'"})),
        ("```bash\nls", None),
        ("```bash ls```", None),
        ("Run `ls`, or ```bash\nls\n```", None),
        ("```sh\nls\n```", None),
        ("", None),
    ],
)
def test_the_first_complete_block_with_the_name_of_a_tool_is_the_call(
    text: str, call: tuple[str, dict[str, str]] | None
) -> None:
    assert found(text) == call


@given(st.lists(st.sampled_from(["```", "````", "bash", "submit", "score", "\n", "\r", " ", "x", "\ud800", "\u2028"])))
@example(["```bash\n"] * 20_000)
@example(["````\n", "```bash\n"] * 10_000)
@PATIENT
def test_whatever_a_model_writes_is_read(parts: list[str]) -> None:
    call = find_call("".join(parts), TOOLS)
    assert call is None or isinstance(json.loads(call.arguments), dict)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.text(alphabet="ab \n"))
@PATIENT
def test_what_is_between_long_enough_fences_comes_out_as_it_is(content: str, prose: str) -> None:
    fence = "`" * max(3, content.count("`") + 1)
    assert found(f"{prose}\n{fence}submit\n{content}\n{fence}\n{prose}") == ("submit", {"answer": content})
