"""Says whether code that scores a task is still what it was. Runs inside the sandbox, as root.

    python -I -S -c SOURCE < request

It is sent anew for each use and imports the standard library alone, so that nothing that lies in the sandbox decides
what it says. The request is one JSON object on standard input: ``root`` (the folder with the family's files), ``files``
(the family's own code files, relative to it), ``trees`` (folders and files that hold ours and the sandbox's code) and
``before`` (a state, or null). The answer on standard output is ``{"python": ..., "state": {path: fingerprint}}``, or
``{"changes": [...]}`` where there is a state to compare with.

A file that was there may not have changed or gone. A new file is told where something would be run in place of
something else; a task may keep new files beside its own. Bytecode is removed where it is the family's or new: Python
makes it again, and what was put in its place is not run.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from typing import Any

SUFFIXES = (".py", ".pyc", ".so", ".pth")
CACHE = "__pycache__"
SEARCHED = ("site-packages", "dist-packages")
PROGRAMS = ("bin", "sbin")
HOOKS = {"sitecustomize", "usercustomize"}


def fingerprint(path: str, *, content: bool) -> str | None:
    """Return what tells one version of a file from another, or None where there is no such file.

    :param content: by what it holds; else by size and times, the last of which no program can set.
    """
    try:
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            return f"link {os.readlink(path)}"  # noqa: PTH115 - paths are texts here
        if content and stat.S_ISREG(found.st_mode):
            with open(path, "rb") as file:  # noqa: PTH123 - as above
                return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return None
    return f"{found.st_mode:o} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def code_in(folder: str) -> Iterator[str]:
    """Yield the paths of a folder that Python, or a shell that looks for a program, would take for code."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    programs = os.path.basename(folder) in PROGRAMS  # noqa: PTH119 - as above
    for entry in entries:
        if entry.is_dir():
            packages = (os.path.join(entry.path, f"__init__{suffix}") for suffix in SUFFIXES)  # noqa: PTH118 - as above
            yield from (path for path in packages if os.path.lexists(path))
        elif programs or entry.name.endswith(SUFFIXES) or entry.name == "pyvenv.cfg":
            yield entry.path


def folders_of_family(root: str, files: Iterable[str]) -> list[str]:
    """Return the folders that hold the family's own code."""
    return sorted({root, *(os.path.dirname(os.path.join(root, name)) for name in files)})  # noqa: PTH118, PTH120


def remove(path: str) -> None:
    """Remove a file that may have gone by itself."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - as above


def state_of(request: dict[str, Any]) -> dict[str, str]:
    """Return the fingerprints of all code that the request names."""
    by_content: list[str] = []
    for folder in folders_of_family(request["root"], request["files"]):
        by_content.extend(code_in(folder))
        for path in code_in(os.path.join(folder, CACHE)):  # noqa: PTH118 - as above
            remove(path)
    by_times: list[str] = []
    for tree in request["trees"]:
        if not os.path.isdir(tree):  # noqa: PTH112 - as above
            by_times.append(tree)
        for folder, _, _ in os.walk(tree):
            by_times.extend(code_in(folder))
    found = {path: fingerprint(path, content=True) for path in by_content}
    found.update({path: fingerprint(path, content=False) for path in by_times})
    return {path: mark for path, mark in found.items() if mark is not None}


def place_of(path: str) -> tuple[str, str]:
    """Return folder and name under which code is found: ``a/x.py`` and ``a/x/__init__.py`` are ``a, x``."""
    folder, name = os.path.split(path)
    if name.startswith("__init__."):
        folder, name = os.path.split(folder)
    programs = os.path.basename(folder) in PROGRAMS  # noqa: PTH119 - as above
    return folder, name if programs else name.split(".", 1)[0]


def takes_the_place(path: str, request: dict[str, Any]) -> bool:
    """Whether a new file would be run where something else was meant to be, or by every Python that starts."""
    root, trees, before = request["root"], request["trees"], request["before"]
    folder, name = place_of(path)
    above, kind = os.path.split(folder)
    known = {place_of(there) for there in before}
    if kind in PROGRAMS and above in trees:
        others = {there for place, there in known if os.path.basename(place) in PROGRAMS}  # noqa: PTH119 - as above
        system = any(os.path.lexists(f"/{other}/{name}") for other in ("usr/bin", "usr/sbin", "bin", "sbin"))
        return system or name in others or name == "pyvenv.cfg"
    if path.endswith(".pth") and kind in SEARCHED:
        return True
    # What lies directly in a tree is looked up there by our own files, or by the interpreter itself.
    if (folder, name) in known or folder in trees:
        return True
    if folder != root and kind not in SEARCHED:
        return False
    searched = {there for place, there in known if place == root or os.path.basename(place) in SEARCHED}  # noqa: PTH119
    return name in searched | HOOKS | set(sys.builtin_module_names) | set(getattr(sys, "stdlib_module_names", ()))


def changes(request: dict[str, Any]) -> list[str]:
    """Return in a few words each what is not as it was."""
    before, after = request["before"], state_of(request)
    told = [f"{path} is gone" for path in before if path not in after]
    told += [f"{path} has changed" for path in before if path in after and after[path] != before[path]]
    for path in after:
        if path in before:
            continue
        if os.path.basename(os.path.dirname(path)) == CACHE:  # noqa: PTH119, PTH120 - as above
            remove(path)
        elif path in request["trees"] or takes_the_place(path, request):
            told.append(f"{path} is new")
    return sorted(told)


def main() -> None:
    """Answer the request."""
    request = json.load(sys.stdin)
    if request["before"] is None:
        answer: dict[str, Any] = {"python": os.path.realpath(sys.executable), "state": state_of(request)}
    else:
        answer = {"changes": changes(request)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
