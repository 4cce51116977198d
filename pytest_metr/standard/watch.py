"""Sees to it that the code that scores a run is the code that was there before the agent.

Families run what agents handed in. Where one does so as root, by mistake, in an intermediate score, that code could
rewrite the family for the scores that follow.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pytest_metr.errors import TaskError
from pytest_metr.family_layout import not_copied
from pytest_metr.interfaces import Sandbox
from pytest_metr.standard.evidence import ending_of, evidence_of, last_line
from pytest_metr.standard.layout import FAMILY_ROOT, OURS
from pytest_metr.types import TaskSpec

#: What runs a family, beside its own files: ours, the sandbox's Python with its packages, what every program loads.
TREES = (OURS, "/usr/local", "/etc/ld.so.preload")
SECONDS = 120
#: A state has a line for each module that is installed.
STATE_LIMIT = 64 * 1024 * 1024
CHANGES_SHOWN = 5


class CodeWatch:
    """Remembers the code of a sandbox, outside of it, and compares. One process in the sandbox for each of the two."""

    def __init__(self, sandbox: Sandbox, task: TaskSpec) -> None:
        self._sandbox = sandbox
        self._family = task.family
        self._files = own_code(Path(task.family_dir))
        self._python = "python"
        self._before: dict[str, str] | None = None

    def remember(self) -> None:
        """Take the code as it is now for the right one.

        :raises TaskError: (cause ``task_start``) where it cannot be read.
        """
        answer = self._ask("task_start")
        # By its real path no program that is put in front of it later is taken for it.
        self._python, self._before = answer["python"], answer["state"]

    def check(self) -> None:
        """Compare; nothing where nothing was remembered.

        :raises TaskError: (cause ``task_changed``) naming what has changed.
        """
        if self._before is None:
            return
        found = self._ask("task_changed")["changes"]
        if found:
            more = f" and {len(found) - CHANGES_SHOWN} more" if len(found) > CHANGES_SHOWN else ""
            message = f"{self._family}.py: its code is not what it was after start: {', '.join(found[:CHANGES_SHOWN])}"
            raise TaskError(f"{message}{more}", cause="task_changed", evidence={"changes": "\n".join(found)[:100_000]})

    def _ask(self, cause: str) -> dict[str, Any]:
        request = {"root": FAMILY_ROOT, "files": self._files, "trees": TREES, "before": self._before}
        source = (Path(__file__).parent / "code_state.py").read_text("utf-8")
        result = self._sandbox.exec(
            [self._python, "-I", "-S", "-c", source],
            user="root",
            cwd="/",
            stdin=json.dumps(request).encode(),
            timeout=SECONDS,
            output_limit=STATE_LIMIT,
        )
        try:
            answer: dict[str, Any] = json.loads(result.stdout)
        except ValueError as error:
            message = f"{self._family}.py: looking at its code {ending_of(result, SECONDS)}: {last_line(result)}"
            cause = "out_of_memory" if result.out_of_memory else cause
            raise TaskError(message, cause=cause, evidence={**evidence_of(result), "stdout": ""}) from error
        return answer


def own_code(family_dir: Path) -> list[str]:
    """Return the Python files of a family folder that are copied into the sandbox, relative to it."""
    left_out = not_copied(family_dir)
    found = (path.relative_to(family_dir) for path in sorted(family_dir.rglob("*.py")))
    return [path.as_posix() for path in found if path.parts[0] not in left_out]
