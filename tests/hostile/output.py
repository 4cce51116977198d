"""Cases: what a command or a task prints."""

from __future__ import annotations

import pytest

from pytest_metr.errors import TaskError
from pytest_metr.sandbox.inside import frames
from pytest_metr.terminal import tell
from tests.hostile.arena import WRONG, Arena
from tests.hostile.case import Case

LIMIT = 10_000
#: Makes a terminal clear itself, changes its title, and asks it to type.
ESCAPES = "\x1b[2J\x1b]0;title\x07\x1b[6n\x9b31m\r\x08PASSED"
#: Writes what a supervisor would say to whatever is open.
FORGER = """
import os, sys
said = bytes.fromhex(sys.argv[1])
for number in range(1, 1024):
    try:
        os.write(number, said)
    except OSError:
        continue
sys.exit(7)
"""


def endless_output(arena: Arena) -> None:
    result = arena.sandbox.exec(["bash", "-c", "yes >&2 & yes"], timeout=1, output_limit=LIMIT)
    assert result.timed_out
    assert max(len(result.stdout), len(result.stderr)) < LIMIT + 100
    assert min(result.stdout_dropped, result.stderr_dropped) > 0


def output_after_the_end(arena: Arena) -> None:
    result = arena.sandbox.exec(
        ["bash", "-c", "setsid yes & echo $! > /tmp/pid; exit 3"], timeout=60, output_limit=LIMIT
    )
    assert result.exit_code == 3
    assert arena.shell("kill -0 $(cat /tmp/pid)").ok
    assert arena.shell("echo next").out == "next\n"


def binary_output(arena: Arena) -> None:
    result = arena.python("import sys; sys.stdout.buffer.write(bytes(range(256)) * 40)")
    assert result.stdout == bytes(range(256)) * 40


def invalid_utf8(arena: Arena) -> None:
    result = arena.shell(r"printf '\xff\xfe\xed\xa0\x80ok'; printf '\xc3' >&2")
    assert result.stdout == b"\xff\xfe\xed\xa0\x80ok"
    assert (result.out[-2:], result.err) == ("ok", "\ufffd")


def terminal_escapes(arena: Arena) -> None:
    run = arena.run("exception")
    with pytest.raises(TaskError) as caught:
        run.final_score(ESCAPES)
    told = tell(caught.value, None)
    assert "PASSED" in told
    assert all(character.isprintable() or character in "\n\t" for character in told)
    shown = tell(TaskError("x", cause="x", evidence={"stdout": arena.python(f"print({ESCAPES!r})").out}), None)
    assert all(character.isprintable() or character in "\n\t" for character in shown)


def forged_answer(arena: Arena) -> None:
    for number in range(4):
        said = b"exit 0\n" + b"".join(frames.frame(number, frames.STATUS, b"0exit 0") for _ in range(3))
        assert arena.python(FORGER, said.hex()).exit_code == 7


def forged_result(arena: Arena) -> None:
    run = arena.run("slow")
    found = run.final_score("wrong")
    assert '"value": 1.0' in found.output["stdout"]
    assert found.score == WRONG


CASES = (
    Case(
        check=endless_output,
        tries="prints for ever on both streams",
        holds="the time limit ends it; what is kept has its limit, and the cut is said",
        shared=True,
    ),
    Case(
        check=output_after_the_end,
        tries="leaves a process that goes on printing",
        holds="the command ends with its own status, and so does the next",
    ),
    Case(check=binary_output, tries="prints all bytes there are", holds="they arrive unchanged", shared=True),
    Case(
        check=invalid_utf8,
        tries="prints what is not UTF-8",
        holds="the bytes are kept, the text shows U+FFFD",
        shared=True,
    ),
    Case(
        check=terminal_escapes,
        tries="puts control sequences into output and submission",
        holds="no text that is shown has any",
        shared=True,
    ),
    Case(
        check=forged_answer,
        tries="writes the supervisor's own words to everything that is open",
        holds="the exit status is the command's",
        shared=True,
    ),
    Case(
        check=forged_result,
        tries="has a result printed while it is scored",
        holds="output is never a score",
        shared=True,
    ),
)
