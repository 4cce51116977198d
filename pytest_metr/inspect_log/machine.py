"""What an agent did in its sandbox by commands and files, as sandbox events."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from inspect_ai.event import SandboxEvent

from pytest_metr.inspect_log.clean import clean, clean_text, number, shown
from pytest_metr.inspect_log.course import Course

Event = Mapping[str, Any]
_OPTIONS = ("cwd", "env", "timeout", "timed_out", "stdout_dropped", "stderr_dropped", "out_of_memory", "error")


def ran(event: Event, course: Course) -> SandboxEvent:
    """Return the event of a command, or of one that was only started (``spawn``).

    :raises TypeError, LookupError: where it has no arguments.
    """
    exit_code = event.get("exit_code")
    options = {key: event[key] for key in _OPTIONS if event.get(key) not in (None, {}, False, 0)}
    if event["kind"] == "spawn":
        options["started_only"] = True
    output = "".join(shown(event[key]) for key in ("stdout", "stderr") if event.get(key))
    return SandboxEvent(
        **course.place(seconds_ago=number(event.get("seconds"))),
        action="exec",
        cmd=shlex.join(clean_text(str(word)) for word in event["argv"]),
        options=clean(options) or None,
        input=shown(event["stdin"]) if event.get("stdin") else None,
        result=exit_code if isinstance(exit_code, int) and abs(exit_code) < 2**31 else None,
        output=output,
        completed=None if event["kind"] == "spawn" else course.now,
    )


def read(event: Event, course: Course) -> SandboxEvent:
    """Return the event of a file that was read. :raises LookupError: where it has no path."""
    return SandboxEvent(
        **course.place(),
        action="read_file",
        file=shown(event["path"]),
        output=shown(event.get("content", event.get("error", ""))),
        completed=course.now,
    )


def written(event: Event, course: Course) -> SandboxEvent:
    """Return the event of a file that was written. :raises LookupError: where it has no path."""
    return SandboxEvent(
        **course.place(),
        action="write_file",
        file=shown(event["path"]),
        input=shown(event.get("content", "")),
        output=shown(event["error"]) if event.get("error") else None,
        completed=course.now,
    )
