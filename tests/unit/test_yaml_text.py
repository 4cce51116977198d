"""YAML as the files of this package may use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.errors import UsageMistake
from pytest_metr.yaml_text import load_yaml

FILE = Path("manifest.yaml")

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def load(text: str) -> Any:
    return load_yaml(text.encode(), FILE)


@given(trees)
def test_what_is_written_as_json_is_read_again(data: Any) -> None:
    # JSON within ASCII is YAML, but for the escapes of surrogates.
    text = json.dumps(data)
    try:
        expected = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        with pytest.raises(UsageMistake):
            load(text)
    else:
        assert load(text) == expected


@given(st.binary(max_size=80) | st.text("abc:-[]{}&*!|>'\"#?,\n <~%@0", max_size=60).map(str.encode))
def test_any_bytes_are_data_or_a_mistake_of_one_line(data: bytes) -> None:
    said = ""
    try:
        load_yaml(data, FILE)
    except UsageMistake as mistake:
        said = str(mistake)
    assert "\n" not in said
    assert said == "" or said.startswith("manifest.yaml: ")


def test_aliases_and_merge_keys_are_understood() -> None:
    text = """
base: &base {cpus: 2, memory_gb: 4}
more: &more {memory_gb: 8, storage_gb: 1}
own: {<<: *base, cpus: 3}
both: {<<: [*base, *more], x: 1}
"""
    data = load(text)
    assert data["own"] == {"cpus": 3, "memory_gb": 4}
    assert data["both"] == {"cpus": 2, "memory_gb": 4, "storage_gb": 1, "x": 1}


def test_numbers_below_the_keys_asked_for_stay_as_they_are_written() -> None:
    text = b"version: 1.10\nother: 1.10\nlist: [{version: 2024-01-01}, {version: yes}, {version: [1.0]}]\n"
    assert load_yaml(text, FILE, as_written=("version",)) == {
        "version": "1.10",
        "other": 1.1,
        "list": [{"version": "2024-01-01"}, {"version": True}, {"version": [1.0]}],
    }


def test_an_empty_document_is_nothing() -> None:
    assert load("") is None
    assert load("# only this\n") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "a: line 3: the key is there twice, first in line 1"),
        ("x:\n  k: 1\n  'k': 2\n", "k: line 3: the key is there twice, first in line 2"),
        ('{"a\\nb": 1, "a\\nb": 2}', "'a\\nb': line 1: the key is there twice"),
        ("a: [1, 2\n", "line 2: "),
        ("a: 1\n\tb: 2\n", "line 2: "),
        ("a: 1\n---\nb: 2\n", "line 2: expected a single document"),
        ("a: *gone\n", "line 1: found undefined alias"),
        ("a: &a [*a]\n", "line 1: expected data that does not hold itself"),
        ("a: !!python/object:os.system {}\n", "line 1: expected plain data, found the tag"),
        ("a: !secret x\n", "line 1: expected plain data, found the tag !secret"),
        ("a: !!set {x, y}\n", "line 1: expected plain data"),
        ("a: !thing [x]\n", "line 1: expected plain data"),
        ("a: 2024-13-45\n", "line 1: expected a sensible value, found 2024-13-45"),
        ("a: !!timestamp soon\n", "line 1: expected a sensible value, found soon"),
        ("a: !!int soon\n", "line 1: expected a sensible value, found soon"),
        ("a: !!bool soon\n", "line 1: expected a sensible value, found soon"),
        ("? [a, b]\n: 1\n", "line 1: expected a key, found a list or a mapping"),
        ("<<: 1\n", "line 1: expected a mapping, or a list of them, after <<"),
        ("a: \0\n", "expected valid YAML: line 1: "),
        ("a: 1\nb: é\nc: \x07\n", "expected valid YAML: line 3: "),
        ("[" * 5000, "expected valid YAML"),
        ("- " * 5000, "expected valid YAML"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(UsageMistake) as caught:
        load(text)
    assert said in str(caught.value)
    assert str(caught.value).startswith("manifest.yaml: ")


def test_bytes_that_are_no_utf8_are_a_mistake() -> None:
    with pytest.raises(UsageMistake, match="expected valid YAML"):
        load_yaml(b"a: \xff\xfe\xfa\n", FILE)


def test_data_that_multiplies_by_aliases_and_merges_is_read_at_once() -> None:
    lists = "".join(f"l{i + 1}: &l{i + 1} [{', '.join([f'*l{i}'] * 9)}]\n" for i in range(12))
    maps = "".join(f"m{i + 1}: &m{i + 1} {{<<: [{', '.join([f'*m{i}'] * 9)}]}}\n" for i in range(12))
    data = load("l0: &l0 [x]\nm0: &m0 {k: v}\n" + lists + maps)
    assert data["m12"] == {"k": "v"}
    assert len(data["l12"]) == 9


def test_the_parser_without_libyaml_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert load("a: &x {k: [1, 2.5, yes, ~]}\nb: *x\n") == {
        "a": {"k": [1, 2.5, True, None]},
        "b": {"k": [1, 2.5, True, None]},
    }
    with pytest.raises(UsageMistake, match="nested too deeply"):
        load("[" * 5000)
    with pytest.raises(UsageMistake, match="expected valid YAML: line 3: special characters"):
        load("a: é\nb: é\nc: \x07\n")
