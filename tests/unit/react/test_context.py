"""What is cut of a conversation, and what never is."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_metr.agent.models.chat import Message, Request, ToolCall
from pytest_metr.agent.react.context import Conversation, Window, size
from tests.unit.agent.fakes import PATIENT

HEAD = (Message(role="system", text="You work."), Message(role="user", text="The task."))


@st.composite
def turns(draw: st.DrawFn) -> tuple[Message, ...]:
    """One reply and what answers it."""
    text = st.integers(0, 400).map(lambda length: "x" * length)
    ids = [f"call{number}" for number in range(draw(st.integers(0, 3)))]
    calls = tuple(ToolCall(id=each, name="bash", arguments=draw(text)) for each in ids)
    answers = [Message(role="tool", text=draw(text), call_id=each) for each in ids] or [Message(role="user", text="go")]
    return (Message(role="assistant", text=draw(text), calls=calls), *answers)


talks = st.lists(turns(), max_size=12).map(lambda made: Conversation(head=HEAD, turns=tuple(made)))
windows = st.integers(10, 3000).map(lambda tokens: Window(tokens, reply=None, overhead=50))


def check_whole(talk: Conversation, cut: Conversation) -> None:
    """Head and newest turns are there, in order; what is gone is the oldest, and said; calls and results belong."""
    assert cut.head == talk.head
    assert cut.turns == talk.turns[len(talk.turns) - len(cut.turns) :]
    assert not talk.turns or cut.turns
    gone = talk.turns[: len(talk.turns) - len(cut.turns)]
    assert cut.cut == talk.cut + sum(map(len, gone))
    sent = cut.messages("cut")
    assert sent[:2] == HEAD
    assert [message.text for message in sent].count("cut") == (1 if cut.cut else 0)
    called = [call.id for message in sent for call in message.calls]
    assert called == [message.call_id for message in sent if message.role == "tool"]


@given(talk=talks, window=windows)
@PATIENT
def test_what_is_left_fits_or_is_the_head_and_the_newest_turn(talk: Conversation, window: Window) -> None:
    cut = window.fit(talk)
    check_whole(talk, cut)
    assert window.fit(cut) == cut
    fits = window.estimate(cut) <= window.estimate(talk)
    assert fits
    if len(cut.turns) > 1:
        # One more turn would have been too many, or nothing had to go.
        assert cut == talk or window.estimate(cut) < window.estimate(talk)


@given(talk=talks, tokens=st.integers(10, 3000))
@PATIENT
def test_no_more_than_the_window_is_ever_sent_where_that_can_be(talk: Conversation, tokens: int) -> None:
    window = Window(tokens, reply=5, overhead=50)
    cut = window.fit(talk)
    assert len(cut.turns) <= 1 or window.estimate(cut) <= tokens - 5


@given(talk=talks, window=st.one_of(windows, st.just(Window(None, reply=None, overhead=50))))
@PATIENT
def test_a_server_that_refuses_is_asked_with_less_until_nothing_can_go(talk: Conversation, window: Window) -> None:
    current: Conversation | None = window.fit(talk)
    asked = 0
    while current is not None:
        check_whole(talk, current)
        shorter = window.refused(current)
        assert shorter is None or window.estimate(shorter) < window.estimate(current)
        assert shorter is not None or len(current.turns) <= 1
        current = shorter
        asked += 1
    assert asked <= len(talk.turns) + 1


@given(talk=talks, tokens=st.integers(1, 100_000))
@PATIENT
def test_what_the_server_has_counted_is_what_is_estimated(talk: Conversation, tokens: int) -> None:
    window = Window(10**6, reply=None, overhead=50)
    request = Request(model="m", messages=talk.messages("cut"))
    assume(0.02 < tokens / (50 + size(request.messages)) < 2)
    window.counted(request, tokens)
    assert abs(window.estimate(talk) - tokens) < 1e-6 * tokens


def test_counts_that_cannot_be_are_not_believed() -> None:
    window, request = Window(1000, reply=None, overhead=0), Request(model="m", messages=HEAD)
    talk = Conversation(head=HEAD)
    before = window.estimate(talk)
    window.counted(request, 0)
    assert window.estimate(talk) == before
    window.counted(request, 10**9)
    assert window.estimate(talk) == 2 * size(HEAD)


def test_a_window_that_is_not_known_is_learnt_from_the_first_refusal() -> None:
    window = Window(None, reply=None, overhead=0)
    turn = (Message(role="assistant", text="x" * 284), Message(role="user", text="y" * 284))
    talk = Conversation(head=HEAD, turns=(turn,) * 100)
    assert window.fit(talk) == talk
    shorter = window.refused(talk)
    assert shorter is not None
    assert 50 < len(shorter.turns) < 80
    # From now on the same is too long without asking, and what is left is not.
    assert len(window.fit(talk).turns) < len(shorter.turns)
    assert window.fit(shorter) == shorter


def test_after_a_cut_there_is_room_for_some_turns() -> None:
    window = Window(10_000, reply=1000, overhead=0)
    turn = (Message(role="assistant", text="x" * 300), Message(role="user", text="y" * 300))
    talk, cuts = Conversation(head=HEAD), 0
    for _ in range(200):
        fitted = window.fit(talk.added(*turn))
        cuts += fitted.cut > talk.cut
        talk = fitted
    assert talk.cut == 2 * (200 - len(talk.turns))
    assert 10 < cuts < 20


def test_what_only_the_maker_can_read_counts_too() -> None:
    plain, signed = (
        Message(role="assistant"),
        Message(role="assistant", opaque={"anthropic": [{"signature": "s" * 90}]}),
    )
    assert size([signed]) > size([plain]) + 90
