"""The agents that come with the package."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_metr.agent import KINDS, load_agent, make_agent
from pytest_metr.agent.kinds.replay import read_recordings

AGENTS = Path(__file__).parents[3] / "agents"
MANUAL = Path(__file__).parents[3] / "docs" / "agents.md"


@pytest.mark.parametrize("name", sorted(path.stem for path in AGENTS.glob("*.yaml")))
def test_every_shipped_agent_can_be_loaded_and_made(name: str) -> None:
    assert make_agent(load_agent(name, search=[AGENTS], overrides={"model": "openai/any"}))


@pytest.mark.parametrize("name", ["noop", "oracle"])
def test_the_shipped_file_of_a_built_in_agent_is_that_agent(name: str) -> None:
    assert load_agent(name, search=[AGENTS]).identity == load_agent(name, search=[]).identity


def test_the_greedy_agent_looks_around_and_submits_the_last_line(tmp_path: Path) -> None:
    (tmp_path / "instructions.txt").write_bytes("Look into data.\n\nSay größer.\n\n".encode())
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "data" / "deep" / "a.txt").write_text("a clue" + "x" * 100)
    (tmp_path / "data" / "binary").write_bytes(b"\xff\0")
    (tmp_path / "data" / "broken").symlink_to("nowhere")
    (tmp_path / "scaffolding").mkdir()
    (tmp_path / "scaffolding" / "main.py").write_text("code of its own")
    done = subprocess.run(
        [sys.executable, "-I", str(AGENTS / "greedy" / "main.py")],
        env={"HOME": str(tmp_path), "GREEDY_MAX_FILE_BYTES": "6", "PYTHONIOENCODING": "utf-8", "LANG": "C.UTF-8"},
        capture_output=True,
        timeout=120,
        check=True,
    )
    assert (tmp_path / "submission.txt").read_bytes() == "Say größer.".encode()
    assert b"a clue" in done.stdout
    assert b"a cluex" not in done.stdout
    assert b"code of its own" not in done.stdout


def test_the_greedy_agent_submits_nothing_without_instructions(tmp_path: Path) -> None:
    (tmp_path / "instructions.txt").touch()
    subprocess.run(
        [sys.executable, "-I", str(AGENTS / "greedy" / "main.py")], env={"HOME": str(tmp_path)}, timeout=120, check=True
    )
    assert (tmp_path / "submission.txt").read_bytes() == b""


def test_the_examples_in_the_manual_are_right(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    (recording,) = (block for block in blocks if "actions:\n" in block)
    (agent,) = (block for block in blocks if "agents/mine.yaml" in block)
    (tmp_path / "recording.yaml").write_text(recording)
    [(task_id, recorded)] = read_recordings(tmp_path / "recording.yaml").items()
    assert (task_id, len(recorded.actions), recorded.submission) == ("reverse_hash/abandon", 3, "abandon")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine.yaml").write_text(agent)
    assert load_agent("mine", search=[tmp_path]).limits.wall_seconds == 1800


def test_the_manual_has_a_section_for_every_kind() -> None:
    assert set(re.findall(r"^### `(\w+)`", MANUAL.read_text(), re.MULTILINE)) == set(KINDS)
