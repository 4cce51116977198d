"""Capped streams."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.capped import Capped
from pytest_metr.sandbox.output import Whole


def filled(limit: int, chunks: list[bytes]) -> Capped:
    stream = Capped(limit)
    for chunk in chunks:
        stream.add(chunk)
    return stream


@given(st.integers(0, 60), st.lists(st.binary(max_size=40), max_size=12))
def test_head_and_tail_are_kept_and_the_middle_is_counted(limit: int, chunks: list[bytes]) -> None:
    data, stream = b"".join(chunks), filled(limit, chunks)
    assert stream.dropped == max(0, len(data) - limit)
    if len(data) <= limit:
        assert stream.value() == data
    else:
        gap = f"\n[... {len(data) - limit} bytes dropped ...]\n".encode()
        head, tail = limit - limit // 2, limit // 2
        assert stream.value() == data[:head] + gap + data[len(data) - tail :]


@given(st.integers(0, 60), st.lists(st.binary(max_size=40), max_size=12))
def test_how_a_stream_is_cut_into_chunks_does_not_matter(limit: int, chunks: list[bytes]) -> None:
    assert filled(limit, chunks).value() == filled(limit, [b"".join(chunks)]).value()


@given(st.lists(st.binary(max_size=40), max_size=12))
def test_reading_in_between_changes_nothing(chunks: list[bytes]) -> None:
    stream = Capped(20)
    for chunk in chunks:
        stream.add(chunk)
        stream.value()
    assert stream.value() == filled(20, chunks).value()


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="output limit -1"):
        Capped(-1)


def test_a_whole_stream_is_kept_until_it_is_cleared() -> None:
    stream = Whole()
    stream.add(b"a")
    stream.add(b"b")
    assert stream.value() == b"ab"
    stream.clear()
    assert stream.value() == b""
