"""Keeping a conversation below the model's window."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_metr.agent.models.chat import Message, Request

#: Tokens for each byte of a request, until the server has counted one: English has about four bytes for a token, code
#: about three.
_FIRST_GUESS = 1 / 3
#: Between these the server's counts are believed.
_BELIEVED = (0.02, 2.0)
#: To what share of what fits it is cut: below it, so that not every turn that follows is cut again, which would also
#: spoil the server's cache each time.
_SHARE = 0.75
#: Tokens of the window that are left for a reply whose length nothing limits: at most, and as a share of the window.
_REPLY = (4096, 0.25)
#: Bytes of a message besides its texts: its role, and what belongs to the form.
_FORM = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation whose oldest turns may have been cut.

    :param head: what is always kept: the system's message, and the task.
    :param turns: the model's replies, oldest first, each with all that answers it. They are kept or cut as a whole, so
        that no result of a tool is ever without its call, and no call without its result.
    :param cut: how many messages were cut after the head.
    """

    head: tuple[Message, ...]
    turns: tuple[tuple[Message, ...], ...] = ()
    cut: int = 0

    def messages(self, marker: str) -> tuple[Message, ...]:
        """Return what is sent. Where something was cut stands one message of the user, with the text *marker*."""
        marked = (Message(role="user", text=marker),) if self.cut else ()
        return (*self.head, *marked, *(message for turn in self.turns for message in turn))

    def added(self, *turn: Message) -> Conversation:
        """Return the conversation with one more turn."""
        return dataclasses.replace(self, turns=(*self.turns, turn)) if turn else self

    def without_oldest(self) -> Conversation:
        """Return the conversation without its oldest turn."""
        return dataclasses.replace(self, turns=self.turns[1:], cut=self.cut + len(self.turns[0]))


class Window:
    """Knows how long a conversation may be, and cuts it.

    The rule: the length of a request is estimated from its bytes, by as many tokens for each as the server has counted
    in the last request, at first one for three bytes. Where it is more than the window without the room for a reply,
    the oldest turns after the head go, one whole turn after the other, until three quarters of that are left or one
    turn alone. Where the server says that a request is too long all the same, or where the window is not known, what
    was too long is taken for what does not fit, and three quarters of it for what does, from then on.

    :param tokens: the model's window; None where it is not known.
    :param reply: tokens of it that a reply may take; None for a quarter of the window, at most 4096.
    :param overhead: bytes of a request besides its messages: the tools.
    """

    def __init__(self, tokens: int | None, *, reply: int | None, overhead: int) -> None:
        self._overhead = overhead
        self._factor = _FIRST_GUESS
        most, share = _REPLY
        room = min(most, int((tokens or 0) * share)) if reply is None else reply
        self._fits = None if tokens is None else float(max(1, tokens - room))

    def estimate(self, conversation: Conversation) -> float:
        """Return about how many tokens a request with this conversation has."""
        return self._factor * (self._overhead + size(conversation.messages("")))

    def fit(self, conversation: Conversation) -> Conversation:
        """Return the conversation, cut where it does not fit. The newest turn and the head stay, whether they fit."""
        if self._fits is None or self.estimate(conversation) <= self._fits:
            return conversation
        return self._cut(conversation, self._fits * _SHARE)

    def counted(self, request: Request, tokens: int) -> None:
        """Take note of how many tokens the server has counted in a request."""
        if tokens > 0:
            least, most = _BELIEVED
            self._factor = min(max(tokens / (self._overhead + size(request.messages)), least), most)

    def refused(self, conversation: Conversation) -> Conversation | None:
        """Take note that the server has refused it as too long. Return it cut further, None where nothing can go."""
        if len(conversation.turns) <= 1:
            return None
        self._fits = self.estimate(conversation) * _SHARE
        return self._cut(conversation.without_oldest(), self._fits)

    def _cut(self, conversation: Conversation, tokens: float) -> Conversation:
        while len(conversation.turns) > 1 and self.estimate(conversation) > tokens:
            conversation = conversation.without_oldest()
        return conversation


def size(messages: Sequence[Message]) -> int:
    """Return about how many bytes messages have in a request."""
    return sum(map(_size, messages))


def _size(message: Message) -> int:
    texts = [message.text, *(text for call in message.calls for text in (call.id, call.name, call.arguments))]
    opaque = json.dumps(message.opaque) if message.opaque else ""
    return _FORM + sum(len(text.encode("utf-8", "surrogatepass")) for text in (*texts, opaque))
