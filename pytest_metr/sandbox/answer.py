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


#: What a command ends with that was killed, or whose watcher the agent has killed: it was killed with it.
_KILLED = -9


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

    @property
    def exit_code(self) -> int:
        """The exit status of a command: the one that was told, else that of a command that was killed."""
        number = self.number
        return number if self.word == "exit" and number is not None else _KILLED


def parse(line: bytes) -> Answer:
    """Return the answer that a line says."""
    word, _, rest = line.decode("utf-8", "replace").partition(" ")
    return Answer(word=word or "lost", rest=rest.strip())
