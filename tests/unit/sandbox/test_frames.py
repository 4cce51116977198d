"""The frames in which requests and answers travel to and from a container, and its streams."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.capped import Capped
from pytest_metr.sandbox.inside import frames
from pytest_metr.sandbox.inside.streams import Inlet, Outlet

FRAMES = st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 255), st.binary(max_size=300)), max_size=8)


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


@given(FRAMES, st.lists(st.integers(0, 40), max_size=30))
def test_frames_come_out_as_they_went_in_however_the_stream_is_cut(
    sent: list[tuple[int, int, bytes]], sizes: list[int]
) -> None:
    stream = b"".join(frames.frame(*one) for one in sent)
    receiver = frames.Frames()
    assert [one for piece in cut(stream, sizes) for one in receiver.feed(piece)] == sent


def test_a_frame_that_says_it_is_too_long_is_none() -> None:
    receiver = frames.Frames(most=10)
    assert list(receiver.feed(frames.frame(1, 2, b"0123456789"))) == [(1, 2, b"0123456789")]
    with pytest.raises(ValueError, match="a frame of 11 bytes"):
        list(receiver.feed(frames.frame(1, 2, b"0123456789A")))


@given(st.lists(st.binary(max_size=60), max_size=20), st.integers(0, 50))
def test_an_outlet_and_a_capped_stream_together_keep_what_the_stream_alone_keeps(
    chunks: list[bytes], limit: int
) -> None:
    alone, apart = Capped(limit), Capped(limit)
    outlet = Outlet(-1, frames.OUT, frames.OUT_CUT, limit)
    for chunk in chunks:
        alone.add(chunk)
        apart.add(outlet.take(chunk))
    left_out, tail = outlet.rest()
    apart.skip(left_out)
    apart.add(tail)
    assert (apart.value(), apart.dropped) == (alone.value(), alone.dropped)


def test_an_outlet_without_a_limit_lets_everything_out_at_once() -> None:
    outlet = Outlet(-1, frames.OUT, frames.OUT_CUT, None)
    assert outlet.take(b"x" * 300_000) == b"x" * 300_000
    assert outlet.rest() == (0, b"")


@contextmanager
def inlet() -> Iterator[tuple[Inlet, int]]:
    reader, writer = os.pipe()
    made = Inlet(writer)
    try:
        yield made, reader
    finally:
        made.close()
        os.close(reader)


def test_what_a_pipe_does_not_take_waits() -> None:
    with inlet() as (stream, reader):
        stream.add(b"a" * 100_000)
        stream.add(b"b")
        stream.end()
        taken = stream.flush()
        assert 0 < taken < 100_001
        assert (stream.waiting, stream.done) == (True, False)
        read = os.read(reader, 200_000)
        while stream.waiting:
            taken += stream.flush()
            read += os.read(reader, 200_000)
        assert (taken, read) == (100_001, b"a" * 100_000 + b"b")
        assert stream.done


def test_bytes_that_nobody_reads_are_done_with() -> None:
    reader, writer = os.pipe()
    stream = Inlet(writer)
    os.close(reader)
    stream.add(b"unread")
    assert stream.flush() == 6
    assert stream.done
    stream.close()
