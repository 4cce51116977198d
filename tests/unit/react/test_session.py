"""How the output of a session is taken apart, and kept."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.agent.react.session import UntilEnd
from pytest_metr.agent.react.trimmed import Trimmed
from tests.unit.agent.fakes import PATIENT

NONCE = "0123456789abcdef" * 2


@given(
    before=st.binary(max_size=300),
    after=st.binary(max_size=20),
    code=st.integers(0, 255),
    cuts=st.lists(st.integers(0, 400), max_size=8),
)
@PATIENT
def test_the_end_is_found_however_the_output_comes(before: bytes, after: bytes, code: int, cuts: list[int]) -> None:
    data = before + b"\0%b %d\0" % (NONCE.encode(), code) + after
    output = UntilEnd(NONCE, 1000)
    places = [*sorted({min(cut, len(data) - len(after) - 1) for cut in cuts} | {0}), len(data)]
    found = [output.add(data[start:end]) for start, end in pairwise(places)]
    assert (found[-1], output.exit_code) == (True, code)
    assert not any(found[:-1])
    expected = Trimmed(1000)
    expected.add(before + after)
    assert output.kept.text() == expected.text()


@given(data=st.binary(max_size=300), other=st.from_regex(r"\A[0-9a-f]{32}\Z"))
@PATIENT
def test_another_number_is_no_end(data: bytes, other: str) -> None:
    output = UntilEnd(NONCE, 1000)
    if other != NONCE:
        assert not output.add(data + b"\0%b 0\0" % other.encode())
    assert not output.add(b"\0%b \0 %b 0\0" % (NONCE.encode(), NONCE.encode()))
    output.finish()
    assert output.exit_code is None
    assert NONCE in output.kept.text()


@given(pieces=st.lists(st.binary(max_size=40), max_size=20), limit=st.integers(1, 50))
@PATIENT
def test_beginning_and_end_are_kept_and_the_cut_is_said(pieces: list[bytes], limit: int) -> None:
    data, kept = b"".join(pieces), Trimmed(limit)
    for piece in pieces:
        kept.add(piece)
    assert kept.dropped == max(0, len(data) - limit)
    head, tail = data[: limit // 2], data[max(limit // 2, len(data) - (limit - limit // 2)) :]
    cut = f"\n[... {kept.dropped} bytes dropped ...]\n".encode() if kept.dropped else b""
    assert kept.text() == (head + cut + tail).decode("utf-8", "replace").replace("\0", "\ufffd")


def test_what_was_lost_before_is_said_too() -> None:
    kept = Trimmed(10)
    kept.add(b"ab")
    assert kept.text(lost=7) == "ab\n[... 7 bytes dropped ...]\n"
