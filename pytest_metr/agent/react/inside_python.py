"""Runs inside the sandbox, by ``python -u -c``: an interpreter that keeps its names from one piece of code to the next.

It reads a line with a number of bytes, that many bytes of source, and a line that it prints behind the output.
"""

import ast
import builtins
import contextlib
import io
import linecache
import os
import sys
import traceback
import types
from collections.abc import Iterable
from typing import Any, Literal


def main() -> None:
    """Run what comes until nothing more comes."""
    control, output, nothing = os.fdopen(os.dup(0), "rb"), os.dup(1), os.open(os.devnull, os.O_RDWR)
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    names = vars(module)
    names["__builtins__"] = builtins
    own, count = os.getpid(), 0
    while head := control.readline():
        source, count = control.read(int(head)).decode(), count + 1
        for good, fd in ((nothing, 0), (output, 1), (output, 2)):  # whatever the last piece has made of them
            os.dup2(good, fd)
        # A reference of our own, since one that nothing else refers to closes what the code may have built upon it.
        streams = sys.stdin, sys.stdout, sys.stderr = stream(0, "r"), stream(1, "w"), stream(2, "w", "backslashreplace")
        code, problem = run(source, f"<python {count}>", names)
        flush((*streams, sys.stdout, sys.stderr))
        os.write(output, problem.encode("utf-8", "backslashreplace"))
        if os.getpid() != own:  # a child that the code has forked, and that came to the code's end too
            os._exit(code)
        os.write(output, b"\0" + control.readline().strip() + b" %d\0" % code)


def stream(fd: int, mode: Literal["r", "w"], errors: str = "surrogateescape") -> io.TextIOWrapper:
    """Return a stream as ``python -u`` has them; what becomes of it closes nothing."""
    return io.TextIOWrapper(io.FileIO(fd, mode, closefd=False), encoding="utf-8", errors=errors, write_through=True)


def run(source: str, name: str, names: dict[str, Any]) -> tuple[int, str]:
    """Run a piece of code; the value of an expression at its end is printed.

    Return an exit code, and the traceback of what it raised, without the frames of this file.
    """
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    try:
        parts = compiled(source, name)
    except Exception as error:  # noqa: BLE001 - what is wrong with the code is its author's to know
        return 1, told(error, None)
    try:
        for part in parts:
            exec(part, names)
    except SystemExit as ending:
        code = ending.code & 255 if isinstance(ending.code, int) else int(ending.code is not None)
        return code, f"SystemExit: {ending.code} (the session goes on)\n"
    except BaseException as error:  # noqa: BLE001 - as above; the session outlives whatever the code raises
        return 1, told(error, error.__traceback__ and error.__traceback__.tb_next)
    return 0, ""


def compiled(source: str, name: str) -> list[types.CodeType]:
    """Return the code of a source, an expression at its end apart."""
    tree = ast.parse(source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    parts = [compile(tree, name, "exec", dont_inherit=True)]
    if last is not None:
        parts.append(compile(ast.Interactive([last]), name, "single", dont_inherit=True))
    return parts


def told(error: BaseException, trace: types.TracebackType | None) -> str:
    """Return an exception in Python's own words."""
    return "".join(traceback.format_exception(type(error), error, trace))


def flush(streams: Iterable[Any]) -> None:
    """Let nothing that was printed wait, where the code has put another stream in the place of standard output."""
    for current in streams:
        with contextlib.suppress(Exception):  # which may be anything by now
            current.flush()


main()
