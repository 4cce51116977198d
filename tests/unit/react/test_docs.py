"""The manual says what is."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from pytest_metr.agent.react import OBSERVED, read_settings
from pytest_metr.agent.react.prompts import PROMPTS
from pytest_metr.fields import Fields

MANUAL = (Path(__file__).parents[3] / "docs" / "react.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """Return the rows of the first table after a heading."""
    _, _, rest = MANUAL.partition(f"## {heading}\n")
    [lines] = re.findall(r"\A.*?\n\| ---[^\n]*\n((?:\|[^\n]*\n)+)", rest, re.DOTALL)
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines.splitlines()]


def test_what_is_observed_is_in_the_manual_as_it_is_in_the_code() -> None:
    assert {name.strip("`"): meaning for name, meaning, *_ in table("What is observed")} == dict(OBSERVED)


def test_every_text_and_what_is_filled_in_is_in_the_manual() -> None:
    told = {
        name.strip("`"): tuple(re.findall(r"\$(\w+)", parts)) for name, _, parts, *_ in table("What the model is told")
    }
    assert told == {name: prompt.parts for name, prompt in PROMPTS.items()}


def test_every_setting_and_its_default_is_in_the_manual() -> None:
    defaults = read_settings(Fields({}))
    rows = {name.strip("`"): default.strip("`") for name, default, *_ in table("Fields")}
    assert set(rows) == set(defaults)
    in_words = {"context_tokens": (None, "not known"), "prompts": (defaults["prompts"], "the package's")}
    for name, default in rows.items():
        value, written = in_words.get(name, (yaml.safe_load(default), default))
        assert (defaults[name], default) == (value, written)


def test_the_example_is_right() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)
    settings = read_settings(Fields(yaml.safe_load(example)))
    assert settings["prompts"]["task"] == "$instructions\n\nThink step by step.\n"


def test_the_loop_is_as_short_as_the_manual_says() -> None:
    loop = Path(__file__).parents[3] / "pytest_metr" / "agent" / "react" / "loop.py"
    assert len(loop.read_text(encoding="utf-8").splitlines()) < 200
