"""How a request to a supervisor ends, and where the bytes of its streams go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol


class Sink(Protocol):
    """Where the bytes of a stream go."""

    def add(self, data: bytes) -> None:
        """Take the next bytes."""
        ...

    def skip(self, count: int) -> None:
        """Take note of *count* bytes that came next and are not kept by whoever sends."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a request ended.

    :param word: ``exit``, ``killed``, ``done``, ``errno``, ``refused``, ``fault``, ``pong``; ``stuck`` where what
        was to be killed still runs; ``lost`` where nothing was said.
    :param rest: the rest of the line. Both come from inside, where an agent may have forged them.
    :param out_of_memory: whether the kernel has killed something of the sandbox meanwhile for want of memory.
    """

    word: str
    rest: str = ""
    out_of_memory: bool = False

    @property
    def number(self) -> int | None:
        """The rest as a number, or None where it is none."""
        return int(self.rest) if re.fullmatch(r"-?[0-9]{1,8}", self.rest) else None


def parse(line: bytes) -> Answer:
    """Return the answer that a line says."""
    word, _, rest = line.decode("utf-8", "replace").partition(" ")
    return Answer(word=word or "lost", rest=rest.strip())
