"""A session that is taken up again: what it was, what it has, and whether it may go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.bench import Bench
from pytest_metr.changes import changed_images, changed_plan, changed_runs, changed_settings
from pytest_metr.errors import InfrastructureError, UsageMistake
from pytest_metr.ownership import SessionLock
from pytest_metr.pacing import DECISIONS_FILE
from pytest_metr.planning import PLAN_FILE, PROPOSED_FILE
from pytest_metr.report import PastRuns, load_plan, read_journal
from pytest_metr.types import Decision, Plan, RunRecord, now

JOURNAL_FILE = "journal.jsonl"
#: What is made anew at the end. What there is of an earlier end would hide that the session goes on.
_OF_THE_END = ("report.json", "runs.jsonl", DECISIONS_FILE)


class Resumption:
    """Takes a session up again. Nothing is written before :meth:`go_on` has found that it may.

    :ivar settled: whether it may go on.
    :ivar kept: the records of the runs that had come to their end.
    :ivar decisions: what its protocol had decided.
    :raises UsageMistake: where the folder holds no session that this version can take up, or one that still runs.
    """

    def __init__(self, folder: Path, *, tell: Callable[[str], None]) -> None:
        self.folder = folder
        self.settled = False
        _check(folder)
        try:
            self.lock = SessionLock.take_over(folder, tell=tell)
        except OSError as error:
            raise UsageMistake(f"cannot be taken up: {error}", file=folder, key="--metr-resume") from None
        journal = read_journal(folder / JOURNAL_FILE)
        self._facts = journal.facts
        if not self._facts:
            raise UsageMistake("expected the first line of a session, found none", file=folder / JOURNAL_FILE)
        self._plan = _read_plan(folder / PLAN_FILE)
        self.kept: Sequence[RunRecord] = [record for record in PastRuns(journal.lines).records if record.settled]
        self.decisions = [Decision.from_json(line) for line in journal.of_kind("decision")]

    @property
    def planned(self) -> int:
        """How many runs the session is to make in all."""
        return len(self._plan.runs)

    def go_on(self, bench: Bench, facts: Mapping[str, Any], *, anyway: bool) -> None:
        """Let the session go on, or refuse it. Does nothing when it goes on already.

        :param facts: what it is asked for now.
        :param anyway: whether it goes on also where something has changed.
        :raises pytest.UsageError: with a line for each thing that is no longer as it was.
        """
        try:
            changes = [] if self.settled else self._settle(bench, facts, anyway=anyway)
        except UsageMistake as mistake:
            raise pytest.UsageError(str(mistake)) from None
        except (OSError, InfrastructureError) as error:
            raise pytest.UsageError(f"{self.folder}: cannot be taken up: {error}") from None
        if not self.settled:
            told = [f"{self.folder}: {change}" for change in changes]
            raise pytest.UsageError(*told, "expected all as it was; --metr-resume-anyway goes on all the same")

    def _settle(self, bench: Bench, facts: Mapping[str, Any], *, anyway: bool) -> list[str]:
        """Compare the session with what it was, and let it go on where that is allowed; return what has changed."""
        proposed = self.folder / PROPOSED_FILE
        plan = _read_plan(proposed)
        changes = self._changes(bench, plan, facts)
        if changes and not anyway:
            proposed.unlink()
            return changes
        line = {"at": now(), "changes": changes, "kept": len(self.kept), "command_line": facts["command_line"]}
        if changes:
            line["facts"] = {key: value for key, value in facts.items() if key not in ("started_at", "command_line")}
        bench.journal.append("resume", bench.redactor.json(line))
        for name in _OF_THE_END:
            (self.folder / name).unlink(missing_ok=True)
        proposed.replace(self.folder / PLAN_FILE)
        self.settled = True
        return changes

    def close(self) -> None:
        """Give the folder back, without the plans that workers proposed when it was settled, or was refused."""
        (self.folder / PROPOSED_FILE).unlink(missing_ok=True)
        self.lock.close()

    def _changes(self, bench: Bench, plan: Plan, facts: Mapping[str, Any]) -> list[str]:
        found = [
            *changed_settings(self._facts, facts),
            *changed_plan(self._plan, plan),
            *changed_runs(self.kept, plan, facts["provider"], lambda run: bench.agent_of(run).identity),
        ]
        hashes = {run.task.family_hash for run in plan.runs}
        # Of a family that has changed, or is not asked for, the image says nothing new.
        comparable = [record for record in self.kept if record.family_hash in hashes]
        try:
            found += changed_images(comparable, facts["provider"], bench.image)
        except InfrastructureError as error:
            raise UsageMistake(f"the images of kept runs cannot be compared: {error}", file=self.folder) from error
        return list(dict.fromkeys(found))


def _check(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageMistake("expected the folder of a session, found none", file=folder, key="--metr-resume")
    for name, told in ((JOURNAL_FILE, "session"), (PLAN_FILE, "session that came to its plan")):
        if not (folder / name).is_file():
            raise UsageMistake(f"expected the folder of a {told}, with a {name}", file=folder, key="--metr-resume")


def _read_plan(file: Path) -> Plan:
    try:
        return load_plan(file)
    except OSError as error:
        raise UsageMistake(f"cannot be read: {error.strerror}", file=file) from None
