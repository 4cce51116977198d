"""What becomes of the values that a task returns, on their way out of the sandbox."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
from collections import OrderedDict, namedtuple
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.standard.inside.metr_inside import encoding
from pytest_metr.standard.inside.metr_inside.encoding import MAX_REPR, Encoder

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


def encode(value: Any) -> Any:
    """Encode as the helper does, over JSON text and back."""
    text = json.dumps(Encoder().encode(value), ensure_ascii=False)
    return json.loads(text.encode("utf-8").decode("utf-8"))


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal, NaN being equal to itself."""
    if isinstance(left, float) and isinstance(right, float):
        return left == right or (math.isnan(left) and math.isnan(right))
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and bool(left == right)


class Scalar:
    """Looks like a scalar of numpy."""

    dtype = "float32"
    shape = ()

    def __init__(self, value: Any) -> None:
        self.value = value

    def item(self) -> Any:
        return self.value


class Array:
    """Looks like an array of numpy."""

    dtype = "float64"
    shape = (2, 2)

    def tolist(self) -> list[list[float]]:
        return [[1.0, math.nan], [2.0, 3.0]]


class Frame:
    """Looks like a frame of pandas: no number, and a readable repr."""

    shape = (1, 2)

    def __repr__(self) -> str:
        return "   a  b\n0  1  2"


class Hostile:
    """Raises whatever is asked of it."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class Loud(float):
    def __float__(self) -> float:
        raise RuntimeError("no conversion")

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class Level(enum.IntEnum):
    HIGH = 3


Point = namedtuple("Point", "x y")


@dataclasses.dataclass
class Result:
    score: float
    parts: tuple[int, ...]


@given(JSON_VALUES)
def test_json_values_come_out_as_they_are(value: Any) -> None:
    assert same(encode(value), value)


@given(st.text(st.characters()))
def test_any_text_comes_out_as_valid_unicode(text: str) -> None:
    encode(text).encode("utf-8")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (Scalar(0.5), 0.5),
        (Scalar(True), True),
        (Loud(0.25), 0.25),
        (Level.HIGH, 3),
        (Fraction(1, 4), 0.25),
        (Decimal("0.75"), 0.75),
        (Decimal("Infinity"), math.inf),
        (Point(1, 2), [1, 2]),
        (Result(0.5, (1, 2)), {"score": 0.5, "parts": [1, 2]}),
        (OrderedDict(a=1), {"a": 1}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        ({3, 1, 2}, [1, 2, 3]),
        ({1: "x", None: "y"}, {"1": "x", "None": "y"}),
        ({1: "x", "1": "y"}, {"1": "x", "'1'": "y"}),
        (b"ab\xff", "b'ab\\xff'"),
        (ValueError("boom"), "ValueError('boom')"),
        (Frame(), "   a  b\n0  1  2"),
        (int, "<class 'int'>"),
        ("a\ud800b", "a\\ud800b"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_of_many_kinds_come_out_as_numbers_or_as_something_readable(value: Any, expected: Any) -> None:
    found = encode(value)
    assert found == expected
    assert type(found) is type(expected)


def test_nan_stays_nan_in_scalars_and_arrays() -> None:
    assert math.isnan(encode(Scalar(math.nan)))
    assert same(encode(Array()), [[1.0, math.nan], [2.0, 3.0]])


def test_a_value_that_contains_itself_is_cut_there() -> None:
    loop: dict[str, Any] = {"a": 1}
    loop["self"] = [loop]
    assert encode(loop) == {"a": 1, "self": ["<dict that contains itself>"]}


def test_a_value_that_appears_twice_without_a_loop_is_kept_twice() -> None:
    part = [1]
    assert encode([part, part]) == [[1], [1]]


def test_a_very_deep_value_is_cut() -> None:
    deep: Any = "bottom"
    for _ in range(100_000):
        deep = [deep]
    assert "left out" in json.dumps(encode(deep))
    while isinstance(deep, list):
        deep = deep.pop()


def test_a_value_that_explodes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MAX_NODES", 10_000)
    wide: Any = [1]
    for _ in range(40):
        wide = [wide, wide]
    assert "left out" in json.dumps(Encoder().encode(wide))


def test_an_object_that_raises_at_every_touch_is_named() -> None:
    assert encode([Hostile()]) == ["<Hostile: repr failed with RuntimeError>"]


def test_a_huge_integer_is_readable_and_no_number() -> None:
    assert encode(10**10_000).startswith("0x")


def test_a_long_repr_is_cut() -> None:
    found = encode(Exception("x" * 100_000))
    assert len(found) < MAX_REPR + 100
    assert "characters" in found


def test_real_numpy_scalars_are_numbers_and_arrays_are_lists() -> None:
    numpy = pytest.importorskip("numpy")
    scalars = [
        numpy.float32(0.5),
        numpy.float64(0.5),
        numpy.int64(3),
        numpy.bool_(True),
        numpy.array(2.5),
        numpy.str_("a"),
    ]
    assert encode(scalars) == [0.5, 0.5, 3, True, 2.5, "a"]
    assert [type(item) for item in encode(scalars)] == [float, float, int, bool, float, str]
    assert encode(numpy.array([[1, 2], [3, 4]])) == [[1, 2], [3, 4]]
    assert math.isnan(encode(numpy.float32("nan")))
