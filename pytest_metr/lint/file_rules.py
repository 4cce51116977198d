"""Rules about a family's files: solution, tests, seed, sizes, and what is installed from elsewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from pytest_metr.agent.kinds.oracle import solution_command
from pytest_metr.family_layout import SEED_FILE, SOLUTION, tests_file
from pytest_metr.lint.findings import Finding
from pytest_metr.lint.view import FamilyView
from pytest_metr.standard.build_steps import FILE_NAME as STEPS_FILE
from pytest_metr.standard.build_steps import ShellStep, read_build_steps

_FAMILY_BYTES, _FILE_BYTES = 2 * 1024 * 1024, 512 * 1024
_REMARK = re.compile(r"(^|\s)#.*$")
#: A requirement that stays the same: an exact version, a hash, or a commit of a repository.
_PINNED = re.compile(r"===?\s*[^*\s]+$|@\s*[0-9a-f]{40}\b|--hash=|^-")
_INSTALLS = re.compile(r"\b(pip3?|npm|uv pip)\s+(install|i)\s+(?P<what>[^&|;]*)")
_UNPINNED_FETCH = re.compile(r"\b(curl|wget)\b[^;&]*\|\s*(ba)?sh\b")


def solution(view: FamilyView) -> Iterator[Finding]:
    """Find tasks without a reference solution."""
    folder = view.dir / SOLUTION
    for task in view.tasks:
        if solution_command(folder, task) is None:
            yield Finding(rule="solution", file=str(folder), where=task, message="expected a reference solution")


def own_tests(view: FamilyView) -> Iterator[Finding]:
    """Find a family without tests of its own."""
    file = view.dir / tests_file(view.dir)
    if not file.is_file():
        yield Finding(rule="tests", file=str(file), message="expected the family's own tests, found no such file")


def seed(view: FamilyView) -> Iterator[Finding]:
    """Find a seed that is none, or that nothing reads."""
    text, file = view.text(SEED_FILE), str(view.dir / SEED_FILE)
    if text is None:
        return
    if not re.fullmatch(r"\d{1,40}\n?", text):
        yield Finding(rule="seed", file=file, message="expected one whole number of at most 40 digits")
    if not any(_says(module, SEED_FILE) for module in view.modules.values()):
        yield Finding(rule="seed", file=file, message="no module of the family reads it")


def _says(module: ast.Module, text: str) -> bool:
    strings = (node.value for node in ast.walk(module) if isinstance(node, ast.Constant))
    return any(isinstance(value, str) and text in value for value in strings)


def sizes(view: FamilyView) -> Iterator[Finding]:
    """Find what makes a family heavy to keep and to copy; data that can be made need not be stored."""
    files = [path for path in view.dir.rglob("*") if path.is_file() and not path.is_symlink()]
    files = [path for path in files if "__pycache__" not in path.parts]
    total = sum(path.stat().st_size for path in files)
    if total > _FAMILY_BYTES:
        message = f"expected at most {_FAMILY_BYTES} bytes in all, found {total}"
        yield Finding(rule="size", file=str(view.dir), message=message)
    for path in files:
        if path.stat().st_size > _FILE_BYTES:
            message = f"expected at most {_FILE_BYTES} bytes, found {path.stat().st_size}"
            yield Finding(rule="size", file=str(path), message=message)


def pins(view: FamilyView) -> Iterator[Finding]:
    """Find what would be installed in another version tomorrow."""
    for number, line in enumerate((view.text("requirements.txt") or "").splitlines(), 1):
        wanted = _REMARK.sub("", line).strip()
        if wanted and not _PINNED.search(wanted):
            yield _unpinned(view.dir / "requirements.txt", f"line {number}", wanted)
    for where, command in _commands(view):
        for found in _INSTALLS.finditer(command):
            yield from (_unpinned(*where, word) for word in found["what"].split() if not _is_pinned(word, command))
        if _UNPINNED_FETCH.search(command):
            yield _unpinned(*where, command)


def _is_pinned(word: str, command: str) -> bool:
    if word.startswith(("-", "/", "./", "$")) or word in ("-r", "requirements.txt", "."):
        return True
    return "@" in word[1:] if "npm" in command else _PINNED.search(word.strip("'\"")) is not None


def _commands(view: FamilyView) -> Iterator[tuple[tuple[Path, str], str]]:
    """Yield the shell commands of the build steps, and the texts of the code, as one of which ``install`` may run."""
    for step in read_build_steps(view.dir):
        if isinstance(step, ShellStep):
            yield from (((view.dir / STEPS_FILE, step.key), command) for command in step.commands)
    for name, module in view.modules.items():
        for node in ast.walk(module):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield (view.dir / name, f"line {node.lineno}"), node.value
            elif isinstance(node, ast.List) and all(isinstance(item, ast.Constant) for item in node.elts):
                words = " ".join(str(item.value) for item in node.elts if isinstance(item, ast.Constant))
                yield (view.dir / name, f"line {node.lineno}"), words


def _unpinned(file: Path, where: str, what: str) -> Finding:
    return Finding(rule="pins", file=str(file), where=where, message=f"expected one version, found {what[:80]!r}")
