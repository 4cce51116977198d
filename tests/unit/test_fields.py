"""Keys of a checked document: what is right is returned, what is wrong is told with key and expectation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.fields import Fields

FILE = Path("gate.yaml")


def fields(**data: Any) -> Fields:
    return Fields(data, file=FILE, prefix="rules[0]")


def test_values_are_returned_in_their_type_and_none_where_there_is_no_key() -> None:
    read = fields(number=3, whole=4, word="above")
    assert read.number("number") == 3.0
    assert read.whole("whole", "above 0", lambda n: n > 0) == 4
    assert read.choice("word", ("above", "below")) == "above"
    assert read.number("n") is None
    assert read.whole("w", "above 0", lambda n: n > 0) is None
    assert read.choice("c", ("above", "below")) is None
    read.finish()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "expected a number above 0, found true or false (True)"),
        ("x", "expected a number above 0, found text (x)"),
        ("1e3", "expected a number above 0, found text (1e3); write 1000, without quotes"),
        (None, "expected a number above 0, found nothing"),
        (float("nan"), "expected a finite number above 0, found nan"),
        (float("inf"), "expected a finite number above 0, found inf"),
        (10**400, "expected a finite number above 0, found inf"),
        (0, "expected a finite number above 0, found 0"),
    ],
)
def test_a_number_that_is_none_or_out_of_range_is_told(value: Any, said: str) -> None:
    with pytest.raises(UsageMistake) as caught:
        fields(x=value).number("x", "above 0", lambda n: n > 0)
    assert str(caught.value) == f"gate.yaml: rules[0].x: {said}"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (False, "found true or false (False)"),
        (2.0, "found a number (2.0)"),
        (0, "found a number (0)"),
        ("2", "found text (2); write 2, without quotes"),
        (None, "found nothing"),
    ],
)
def test_a_whole_number_that_is_none_or_out_of_range_is_told(value: Any, said: str) -> None:
    with pytest.raises(UsageMistake) as caught:
        fields(x=value).whole("x", "above 0", lambda n: n > 0)
    assert str(caught.value) == f"gate.yaml: rules[0].x: expected a whole number above 0, {said}"


def test_a_word_that_is_not_among_the_known_ones_is_told_with_the_closest() -> None:
    with pytest.raises(UsageMistake) as caught:
        fields(x="abov").choice("x", ("above", "below"))
    assert str(caught.value) == (
        "gate.yaml: rules[0].x: expected one of above, below, found 'abov'; did you mean 'above'?"
    )
