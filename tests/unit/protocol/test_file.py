"""Protocol files: what is shipped, what a file of one's own says, and what makes two protocols the same."""

from __future__ import annotations

import dataclasses
import itertools
import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import CHECKS, load_protocol, shipped_protocols
from pytest_metr.types import BRACKETS, Bracket, CheckRule, EvaluationProtocol, RunsRule

from .runs import properties

FOLDER = Path(__file__).parents[3] / "pytest_metr" / "protocol" / "files"
LEAST = 'protocol: own\nversion: "1"\n'


def load(folder: Path, text: str, name: str = "own.yaml") -> EvaluationProtocol:
    (folder / name).write_text(text, encoding="utf-8")
    return load_protocol(name, base=folder)


def test_the_shipped_protocols_are_plain_and_metrs_autonomy_evaluation() -> None:
    assert shipped_protocols() == ("autonomy-0.1", "plain")
    for name in shipped_protocols():
        protocol = load_protocol(name)
        assert protocol.file is None
        assert len(protocol.sha256) == 64
        assert EvaluationProtocol.from_json(protocol.to_json()) == protocol


def test_plain_is_what_the_package_does_where_nobody_asks_for_anything_else() -> None:
    plain = load_protocol("plain")
    assert [(bracket.name, bracket.upper) for bracket in plain.brackets] == list(BRACKETS)
    assert all(bracket.inclusive for bracket in plain.brackets)
    defaults = EvaluationProtocol(name="plain", version="2", source=plain.source)
    said = dataclasses.replace(plain, sha256="", brackets=(), checks=())
    assert said == defaults
    assert plain.runs == RunsRule(first=1, adaptive=False, most=1)
    assert [rule.name for rule in plain.checks] == list(CHECKS)


def test_plain_says_every_value_that_there_is() -> None:
    document = yaml.safe_load((FOLDER / "plain.yaml").read_text(encoding="utf-8"))
    assert {key: sorted(value) for key, value in document.items() if isinstance(value, dict) and key != "brackets"} == {
        "success": ["fractional", "threshold"],
        "horizon": ["percents", "regularization"],
        "interval": ["confidence", "draws", "seed"],
        "runs": ["first", "until"],
        "checks": sorted(CHECKS),
    }
    assert {"protocol", "version", "source", "split", "brackets", "weighting", "staging"} < set(document)


def test_autonomy_is_metrs_procedure() -> None:
    autonomy = load_protocol("autonomy-0.1")
    assert (autonomy.name, autonomy.version, autonomy.split) == ("autonomy", "0.1.1", "test")
    assert autonomy.staging_above == 0.30
    assert autonomy.runs == RunsRule(first=1, adaptive=True, most=4)
    assert autonomy.brackets == load_protocol("plain").brackets
    assert {rule.name for rule in autonomy.checks} == set(CHECKS)
    assert autonomy.counts("test")
    assert autonomy.counts(None)
    assert not autonomy.counts("dev")


def test_what_a_file_omits_has_the_value_of_plain(tmp_path: Path) -> None:
    own, plain = load(tmp_path, LEAST), load_protocol("plain")
    assert own.file == str(tmp_path / "own.yaml")
    anonymous = {"name": "", "version": "", "source": "", "file": None, "sha256": ""}
    assert dataclasses.replace(own, **anonymous) == dataclasses.replace(plain, **anonymous)  # type: ignore[arg-type]


def test_everything_that_a_file_says_is_read(tmp_path: Path) -> None:
    text = """
protocol: metr buckets
version: "2025-03"
source: |
  a line
  and more
split: dev
brackets:
  1-4: {from: 1, below: 4}
  4-16: {below: 16}
  rest: {up_to: 960.5}
weighting: recorded
success: {threshold: 0.5, fractional: true}
horizon: {percents: [80, 50, 10], regularization: 0.2}
interval: {confidence: 0.9, draws: 10, seed: 7}
staging: {above: 0}
runs: {first: 2, most: 8, until: decided}
checks: {coverage: 0.9, canary: none, oracle_passes: none, dev_test_gap: -0.1}
"""
    own = load(tmp_path, text)
    rules = {rule.name: rule for rule in load_protocol("plain").checks} | {
        "coverage": CheckRule(name="coverage", bound=0.9),
        "dev_test_gap": CheckRule(name="dev_test_gap", bound=-0.1),
    }
    assert own == EvaluationProtocol(
        name="metr buckets",
        version="2025-03",
        source="a line and more",
        file=str(tmp_path / "own.yaml"),
        sha256=own.sha256,
        split="dev",
        lowest=1.0,
        brackets=(
            Bracket(name="1-4", upper=4.0, inclusive=False),
            Bracket(name="4-16", upper=16.0, inclusive=False),
            Bracket(name="rest", upper=960.5),
        ),
        weighting="recorded",
        success_threshold=0.5,
        fractional=True,
        regularization=0.2,
        percents=(80, 50, 10),
        confidence=0.9,
        draws=10,
        seed=7,
        staging_above=0.0,
        runs=RunsRule(first=2, adaptive=True, most=8),
        checks=tuple(rules[name] for name in CHECKS if name not in ("canary", "oracle_passes")),
    )
    assert [own.bracket_of(minutes) for minutes in (0.5, 1, 4, 16, 960.5, 961)] == [
        None,
        "1-4",
        "4-16",
        "rest",
        "rest",
        None,
    ]


def test_fixed_numbers_of_runs_need_no_most(tmp_path: Path) -> None:
    assert load(tmp_path, LEAST + "runs: {first: 3}\n").runs == RunsRule(first=3, adaptive=False, most=3)


def test_a_path_is_relative_to_the_base_or_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    load(tmp_path / "sub", LEAST)
    assert load_protocol("sub/own.yaml", base=tmp_path).name == "own"
    assert load_protocol(Path("own.yaml"), base=tmp_path / "sub").name == "own"
    assert load_protocol(tmp_path / "sub" / "own.yaml", base=Path("/")).name == "own"
    monkeypatch.chdir(tmp_path)
    assert load_protocol("sub/own.yaml").file == str(Path.cwd() / "sub" / "own.yaml")


def test_a_file_named_like_a_shipped_protocol_is_found_by_its_path_alone(tmp_path: Path) -> None:
    load(tmp_path, LEAST, "plain.yaml")
    assert load_protocol("plain", base=tmp_path).file is None
    assert load_protocol("plain.yaml", base=tmp_path).name == "own"


def test_equal_protocols_have_equal_hashes_however_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    short = load(tmp_path, LEAST)
    spelled = "# a comment\nsplit: all\ninterval: {seed: 0, draws: 1000}\nsuccess: {threshold: task}\nstaging: none\n"
    same = load(tmp_path / "else", f"{spelled}version: '1'\nprotocol: own\n", "other.yml")
    assert same.sha256 == short.sha256
    assert same.file != short.file
    merged = "base: &b {}\n"
    with pytest.raises(UsageMistake, match="base: unknown key"):
        load(tmp_path, merged + LEAST)


CHANGES = [
    "source: x",
    "split: test",
    "brackets: {all: {}}",
    "weighting: equal_task",
    "success: {threshold: 0.9}",
    "success: {fractional: true}",
    "horizon: {percents: [50]}",
    "horizon: {regularization: 0.2}",
    "interval: {confidence: 0.9}",
    "interval: {draws: 999}",
    "interval: {seed: 1}",
    "staging: {above: 0.3}",
    "runs: {first: 2}",
    "runs: {first: 1, most: 2, until: decided}",
    "checks: {coverage: 0.5}",
    "checks: {coverage: none}",
]


def test_every_value_is_in_the_hash(tmp_path: Path) -> None:
    texts = [LEAST, LEAST.replace("own", "other"), LEAST.replace("1", "2"), *(LEAST + change for change in CHANGES)]
    hashes = [load(tmp_path, text).sha256 for text in texts]
    assert all(one != other for one, other in itertools.combinations(hashes, 2))


def test_the_hash_of_a_shipped_protocol_changes_only_with_its_version() -> None:
    assert {name: load_protocol(name).sha256[:12] for name in shipped_protocols()} == {
        "plain": "fbf5089f3cb9",
        "autonomy-0.1": "86d4230501e1",
    }


@properties
@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=6, unique=True), st.booleans())
def test_rising_brackets_part_the_minutes(
    tmp_path_factory: pytest.TempPathFactory, uppers: list[float], open_ended: bool
) -> None:
    rising: list[float] = sorted(uppers)
    brackets: dict[str, Any] = {f"b{n}": {"up_to": upper} for n, upper in enumerate(rising)}
    if open_ended:
        brackets["last"] = {}
    document = {"protocol": "own", "version": "1", "brackets": brackets}
    own = load(tmp_path_factory.mktemp("protocol"), yaml.safe_dump(document, sort_keys=False))
    for n, upper in enumerate(rising):
        assert own.bracket_of(upper) == f"b{n}"
    assert own.bracket_of(rising[-1] * 2) == ("last" if open_ended else None)
    assert own.bracket_of(math.inf) is None


def test_the_shipped_files_stand_beside_the_code() -> None:
    assert sorted(file.name for file in FOLDER.iterdir()) == [f"{name}.yaml" for name in shipped_protocols()]
