"""Names of runs: in node ids, which people type, and in file names, which must be safe everywhere."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from urllib.parse import unquote

from pytest_metr.errors import UsageMistake

# Characters with a meaning in node ids, and the escape itself.
_SPECIAL = frozenset("%[]/\\")
# Unicode categories that do not show, break a line or cannot be written: controls, formats, surrogates,
# private and unassigned characters, and separators (the ordinary space is excepted below).
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
# A file whose name begins with one of these is hidden, or taken for an option.
_LEADING = re.compile(r"^[.-]+")
_ID_BYTES = 150


def node_name(task_name: str, run: int, agent: str | None) -> str:
    """Return the name of an item: ``abandon[run1]``, or ``abandon[gpt4-run1]`` where an agent is given.

    No two (task, agent, run) share a name. What would break a node id or is not seen is percent-encoded:
    brackets, slashes, ``%``, ``::``, control characters, spaces at either end. Letters of all languages,
    and spaces between words, stay as they are.

    :param run: 1-based.
    :raises UsageMistake: where the task or the agent has no name.
    """
    for what, name in (("task", task_name), ("agent", agent)):
        if name == "":
            raise UsageMistake(f"expected the name of the {what}, found the empty text")
    who = "" if agent is None else f"{_encoded(agent)}-"
    return f"{_encoded(task_name)}[{who}run{run}]"


def tests_name(task_name: str) -> str:
    """Return the name of the item that stands for a family's own tests in the sandbox of a task."""
    return f"{_encoded(task_name)}[family_tests]"


def task_name_of(node_name: str) -> str:
    """Return the task's name that :func:`node_name` was given."""
    return unquote(node_name.partition("[")[0], errors="surrogatepass")


def run_id(family: str, task: str, agent: str | None, run: int, *, place: str = "") -> str:
    """Return a name for the files of a run, for example ``reverse_hash.abandon.gpt4.run1``.

    It has at most 150 characters out of ``A-Z a-z 0-9 _ . - ~`` and differs for different arguments: where
    the plain text could stand for another run as well, a short hash follows.

    :param place: tells apart families of one name, for example the folder's path; empty where that is not needed.
    """
    parts = [family, task, *([] if agent is None else [agent])]
    written = [_UNSAFE.sub("_", part) or "_" for part in parts]
    text = ".".join([*written, f"run{run}"])
    # An agent's name may hold dots (gpt-4.1) as long as the parts before it hold none.
    plain = written == parts and "." not in family + task and not family.startswith("-")
    if plain and not place and len(text) <= _ID_BYTES:
        return text
    identity = json.dumps([family, task, agent, run, place])
    tail = f".run{run}~{hashlib.sha256(identity.encode()).hexdigest()[:12]}"
    return _LEADING.sub("_", ".".join(written))[: _ID_BYTES - len(tail)] + tail


def _encoded(name: str) -> str:
    if _UNSAFE.search(name) is None:
        return name
    last = len(name) - 1
    return "".join(_percent(char) if _must_hide(name, i, last) else char for i, char in enumerate(name))


def _must_hide(name: str, i: int, last: int) -> bool:
    char = name[i]
    if char in _SPECIAL:
        return True
    if char == ":":
        # Two of them part a node id, and one at an end would meet those around the name.
        return i in (0, last) or name[i - 1] == ":" or name[i + 1] == ":"
    if char == " ":
        return i in (0, last)
    return unicodedata.category(char) in _UNSEEN


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))
