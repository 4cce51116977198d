"""What can be said of a family's Python file without importing it."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_metr.errors import UsageMistake

CLASS_NAME = "TaskFamily"
_CLASS_LINE = re.compile(rb"^class[ \t]+TaskFamily\b", re.MULTILINE)
#: What :func:`parse` raises: null bytes are a ValueError on older Pythons, and too much nesting ends in the others.
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def defines_task_family(source: bytes) -> bool:
    """Return whether Python source certainly binds ``TaskFamily`` at its top level.

    A class, an assignment and an import count, also inside a top-level ``if``, ``try`` or ``with``. Source
    that cannot be parsed counts where a line begins with ``class TaskFamily``: its author is to be told.
    """
    if CLASS_NAME.encode() not in source:
        return False
    try:
        module = parse(source)
    except UNREADABLE:
        return _CLASS_LINE.search(source) is not None
    return any(_binds(statement) for statement in _top_level(module.body))


def check_source(source: bytes, file: Path) -> None:
    """Check a family's Python file as far as that is possible without importing it.

    :raises UsageMistake: where it is not valid Python, or does not define ``TaskFamily``.
    """
    try:
        module = parse(source)
    except SyntaxError as error:
        python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
        where = f"line {error.lineno}: " if error.lineno else ""
        raise UsageMistake(f"{where}expected valid {python}: {error.msg}", file=file) from None
    except UNREADABLE as error:
        raise UsageMistake(f"expected valid Python: {error or type(error).__name__}", file=file) from None
    for statement in _top_level(module.body):
        # What a star import brings is not known before it is run: only the sandbox can tell.
        if _binds(statement) or _is_star_import(statement):
            return
    raise UsageMistake("expected class TaskFamily at the top level, found none", file=file)


def parse(source: bytes) -> ast.Module:
    """Return Python source parsed. :raises UNREADABLE: where that cannot be done."""
    # Invalid escapes make warnings, which would be errors under `-W error` and noise in a foreign repository.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _top_level(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run in the module's own scope."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        guarded = isinstance(statement, ast.If) and _is_type_checking(statement.test)
        for name in ("orelse", "finalbody") if guarded else ("body", "orelse", "finalbody"):
            yield from _top_level(getattr(statement, name, ()))
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from _top_level(part.body)


def _is_type_checking(test: ast.expr) -> bool:
    # Such a block is never run, so it defines nothing.
    return getattr(test, "id", getattr(test, "attr", None)) == "TYPE_CHECKING"


def _binds(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ClassDef):
        return statement.name == CLASS_NAME
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return any((alias.asname or alias.name) == CLASS_NAME for alias in statement.names)
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets = [statement.target]
    return any(_is_name(node) for target in targets for node in ast.walk(target))


def _is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == CLASS_NAME and isinstance(node.ctx, ast.Store)


def _is_star_import(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and any(alias.name == "*" for alias in statement.names)
