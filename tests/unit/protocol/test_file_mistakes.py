"""Mistakes in protocol files: one line with the file, the key and what was expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.errors import UsageMistake
from pytest_metr.protocol import load_protocol

from .runs import properties

LEAST = 'protocol: own\nversion: "1"\n'
ALL = "protocol, version, source, split, brackets, weighting, success, horizon, interval, staging, runs, checks"


def mistake(given: str | Path, base: Path | None = None) -> str:
    """Return what is said about a protocol that cannot be read; it is one line."""
    with pytest.raises(UsageMistake) as caught:
        load_protocol(given, base=base)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_unknown_name_lists_those_that_are_shipped() -> None:
    expected = "protocol: expected one of autonomy-0.1, plain, or the path of a .yaml file, found "
    assert mistake("plian") == f"{expected}'plian'; did you mean 'plain'?"
    assert mistake("autonomy") == f"{expected}'autonomy'; did you mean 'autonomy-0.1'?"
    assert mistake("") == f"{expected}''"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert mistake("own.yaml", tmp_path) == f"{tmp_path}/own.yaml: cannot be read: No such file or directory"
    assert mistake(tmp_path) == f"{tmp_path}: cannot be read: Is a directory"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a mapping from keys to values, found nothing"),
        ("- plain", "expected a mapping from keys to values, found a list"),
        ("protocol: [", "expected valid YAML: line "),
        ("version: '1'", "protocol: missing; expected text"),
        ("protocol: own", "version: missing; expected text"),
        ("protocol: own\nversion: 0.1", "version: expected text, found a number (0.1); put it in quotes"),
        ("protocol: ''\nversion: '1'", "protocol: expected one line of 1 to 100 characters, found ''"),
        ('protocol: "a\\nb"\nversion: "1"', "protocol: expected one line of 1 to 100 characters, found 'a\\nb'"),
        (LEAST + "version: '2'", "version: line 3: the key is there twice, first in line 2"),
        (LEAST + "interval: {seed: 1, seed: 2}", "seed: line 3: the key is there twice, first in line 3"),
    ],
)
def test_a_file_that_is_no_protocol_is_told(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    assert mistake("own.yaml", tmp_path).startswith(f"{tmp_path}/own.yaml: {said}")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("horizont: {}", f"horizont: unknown key; expected one of {ALL}; did you mean 'horizon'?"),
        ("source: 3", "source: expected text, found a number (3); put it in quotes"),
        ("split: both", "split: expected one of all, dev, test, found 'both'"),
        ("split: [dev]", "split: expected text, found a list"),
        ("weighting: sqrt", "weighting: expected one of invsqrt_family, equal_task, log_time, recorded, found 'sqrt'"),
        ("brackets: {}", "brackets: expected at least one bracket, found an empty mapping"),
        ("brackets: [a]", "brackets: expected a mapping, found a list"),
        ("brackets: {'a b': {}}", "brackets.a b: expected a name of at most 60 letters, digits and _ . -"),
        ("brackets: {1: {}}", "brackets.1: expected text as key, found a number (1); put it in quotes"),
        ("brackets: {a: }", "brackets.a: expected a mapping, found nothing"),
        ("brackets: {a: {}, b: {}}", "brackets.a.up_to: missing; expected up_to or below: the last bracket alone"),
        ("brackets: {a: {up_to: 4, below: 5}}", "brackets.a.below: expected either up_to or below, found both"),
        ("brackets: {a: {up_to: 4}, b: {below: 4}}", "brackets.b.below: expected a finite number of minutes above 4,"),
        ("brackets: {a: {up_to: 0}}", "brackets.a.up_to: expected a finite number of minutes above 0, so that the"),
        ("brackets: {a: {up_to: .inf}}", "brackets.a.up_to: expected a finite number of minutes above 0, so that"),
        ("brackets: {a: {from: 5, up_to: 4}}", "brackets.a.up_to: expected a finite number of minutes above 5,"),
        ("brackets: {a: {from: -1}}", "brackets.a.from: expected a finite number of at least 0, found -1"),
        ("brackets: {a: {below: 2}, b: {from: 2}}", "brackets.b.from: unknown key; expected one of up_to, below"),
        ("success: {threshold: true}", "success.threshold: expected task or a number, found true or false (True)"),
        ("success: {threshold: own}", "success.threshold: expected task or a number, found text (own)"),
        ("success: {threshold: }", "success.threshold: expected task or a number, found nothing"),
        ("success: {threshold: 1}", "success.threshold: expected a finite number of at least 0 and below 1, or task,"),
        ("success: {threshold: .nan}", "success.threshold: expected a finite number of at least 0 and below 1"),
        ("success: {fractional: 1}", "success.fractional: expected true or false, found a number (1)"),
        ("success: 0.9", "success: expected a mapping, found a number (0.9)"),
        ("horizon: {percent: [50]}", "horizon.percent: unknown key; expected one of percents, regularization; did"),
        ("horizon: {percents: 50}", "horizon.percents: expected a list, found a number (50)"),
        ("horizon: {percents: []}", "horizon.percents: expected at least one percent, found an empty list"),
        ("horizon: {percents: [50, 0.5]}", "horizon.percents[1]: expected a whole number from 1 to 99, found a number"),
        ("horizon: {percents: [100]}", "horizon.percents[0]: expected a whole number from 1 to 99, found a number"),
        ("horizon: {percents: [true]}", "horizon.percents[0]: expected a whole number from 1 to 99, found true or"),
        ("horizon: {percents: [50, 50]}", "horizon.percents[1]: expected each percent once, found 50 again"),
        ("horizon: {regularization: 0}", "horizon.regularization: expected a finite number above 0, found 0"),
        ("interval: {confidence: 95}", "interval.confidence: expected a finite number between 0 and 1, found 95"),
        ("interval: {confidence: true}", "interval.confidence: expected a number between 0 and 1, found true or"),
        ("interval: {draws: 1}", "interval.draws: expected a whole number from 2 to 1000000, found a number (1)"),
        (
            "interval: {draws: 1e3}",
            "interval.draws: expected a whole number from 2 to 1000000, found text (1e3); write",
        ),
        ("interval: {seed: -1}", "interval.seed: expected a whole number from 0 to 2**63 - 1, found a number (-1)"),
        ("staging: 0.3", "staging: expected a mapping, found a number (0.3)"),
        ("staging: null", "staging: expected a mapping, found nothing"),
        ("staging: {}", "staging.above: missing; expected a score of at least 0 and below 1"),
        ("staging: {above: 1}", "staging.above: expected a finite number of at least 0 and below 1, found 1"),
        ("staging: {over: 0.3}", "staging.above: missing; expected a score of at least 0 and below 1"),
        ("staging: {above: 0.3, to: 1}", "staging.to: unknown key; expected one of above"),
        ("runs: {first: 0}", "runs.first: expected a whole number from 1 to 10000, found a number (0)"),
        ("runs: {first: 1.0}", "runs.first: expected a whole number from 1 to 10000, found a number (1.0)"),
        ("runs: {until: done}", "runs.until: expected one of first, decided, found 'done'"),
        ("runs: {until: decided}", "runs.most: missing; expected the number of runs of each task at which the rounds"),
        ("runs: {most: 4}", "runs.most: expected until: decided beside it; without rounds every task is run `first`"),
        ("runs: {first: 3, most: 2, until: decided}", "runs.most: expected a whole number from 3 (first) to 10000,"),
        ("checks: {cover: 1}", "checks.cover: unknown check; expected one of coverage, infrastructure_errors,"),
        ("checks: {coverage: 1.1}", "checks.coverage: expected a finite number from 0 to 1, found 1.1"),
        ("checks: {coverage: }", "checks.coverage: expected a number from 0 to 1, or none to leave the check out,"),
        ("checks: {coverage: true}", "checks.coverage: expected a number from 0 to 1, or none to leave the check out,"),
        ("checks: {runs_per_task: 1.5}", "checks.runs_per_task: expected a finite number of at least 0 without a"),
        ("checks: {canary: -1}", "checks.canary: expected a finite number of at least 0 without a fraction, found -1"),
        (
            "checks: {canary: .nan}",
            "checks.canary: expected a finite number of at least 0 without a fraction, found nan",
        ),
        ("checks: {dev_test_gap: 10}", "checks.dev_test_gap: expected a finite number from -1 to 1, found 10"),
        ("checks: {oracle_passes: 1}", "checks.oracle_passes: expected true, or none to leave the check out, found a"),
        ("checks: {noop_fails: false}", "checks.noop_fails: expected true, or none to leave the check out, found true"),
        ("checks: [coverage]", "checks: expected a mapping, found a list"),
    ],
)
def test_a_wrong_value_is_told_with_its_key(line: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(LEAST + line, encoding="utf-8")
    assert mistake("own.yaml", tmp_path).startswith(f"{tmp_path}/own.yaml: {said}")


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3),
    max_leaves=5,
)
_SECTION = st.dictionaries(
    st.sampled_from(["a", "from", "up_to", "threshold", "percents", "draws", "seed", "above", "first", "coverage"]),
    _VALUES,
    max_size=3,
)


@properties
@given(st.dictionaries(st.sampled_from([*ALL.split(", "), "x"]), _VALUES | _SECTION))
def test_whatever_a_file_holds_it_is_a_protocol_or_one_clear_mistake(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]
) -> None:
    file = tmp_path_factory.mktemp("protocols") / "own.yaml"
    file.write_text(yaml.safe_dump({"protocol": "own", "version": "1", **content}), encoding="utf-8")
    try:
        protocol = load_protocol(file)
    except UsageMistake as error:
        said = (error.file, "\n" in str(error))
        assert said == (str(file), False)
    else:
        assert type(protocol).from_json(protocol.to_json()) == protocol
