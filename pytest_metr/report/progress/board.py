"""Finds out how far a session has come, from what is in its folder alone; nothing there is written or locked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_metr.report.journal import JournalReader
from pytest_metr.report.past import PastRun, PastRuns
from pytest_metr.report.plan_file import plan_so_far
from pytest_metr.report.progress.state import STATUS_DIR, ProcessState, read_states
from pytest_metr.report.progress.view import InHand, Life, SessionState, SessionView
from pytest_metr.types import PlannedRun, RunRecord, now

#: Says of a process, by its mark, whether it is alive.
LifeOf = Callable[[str], Life]


class Board:
    """Looks at a session again and again, and reads of its journal only what is new.

    What a worker has in hand it says itself; what has come to an end the journal says, in which each run counts once
    however often it was tried and whether it was made before or after the session was taken up again.

    :param folder: the session's.
    :param life_of: tells of the mark of a process whether it is alive.
    """

    def __init__(self, folder: Path, *, life_of: LifeOf) -> None:
        self._folder = folder
        self._life_of = life_of
        self._journal = JournalReader(folder / "journal.jsonl")
        self._past = PastRuns()
        self._started_at = ""

    def view(self, state: SessionState = "running", *, ended: str = "") -> SessionView:
        """Return what the session looks like now.

        :param state: whether it runs; of one that does not, no process can have anything in hand any more.
        :param ended: how it ended, in words.
        :raises OSError: where its files cannot be read.
        :raises UsageMistake: where its plan is none that this version can read.
        """
        # The files first: a run that ends in between counts once, as one that is done.
        states = self._states()
        self._read_journal()
        planned = plan_so_far(self._folder / "plan.json").runs
        in_hand = self._in_hand(states, running=state == "running")
        busy = {each.run.run_id for each in in_hand if each.life != "dead"}
        found = {run.run_id: self._past.of(run.run_id) for run in planned}
        done = [record for run_id, past in found.items() if run_id not in busy and (record := _end_of(past))]
        running = sum(run.run_id in busy for run in planned)
        counts = Counter(map(_outcome, done))
        return SessionView(
            state=state,
            ended=ended,
            at=now() if state == "running" else self._last_sign(states),
            started_at=self._started_at,
            planned=len(planned),
            done=len(done),
            **{name: counts[name] for name in ("passed", "failed", "needs_score", "infra_errors", "left_out")},
            kept=sum(not found[record.run_id].recorded_now for record in done),
            running=running,
            waiting=len(planned) - len(done) - running,
            retried=len(_retried(found, in_hand)),
            **_spent(found.values(), in_hand, busy),
            in_hand=_longest_first(in_hand, planned),
        )

    def _states(self) -> Sequence[ProcessState]:
        return list(read_states(self._folder / STATUS_DIR))

    def _read_journal(self) -> None:
        lines = self._journal.new_lines()
        self._past.take(lines)
        for line in lines:
            if line["kind"] in ("session", "resume"):
                self._started_at = str(line.get("started_at" if line["kind"] == "session" else "at") or "")

    def _in_hand(self, states: Iterable[ProcessState], *, running: bool) -> list[InHand]:
        """Return what processes have in hand; of what dead ones had, only what has come to no end since."""
        found = []
        for state in states:
            # What is older is from before the session was taken up again, when all of its processes had ended.
            if state.run is not None and state.updated_at >= self._started_at:
                life = self._life(state) if running else "dead"
                found.append(InHand(process=state.process, life=life, last_seen=state.updated_at, run=state.run))
        alive = {each.run.run_id for each in found if each.life != "dead"}
        return [each for each in found if each.life != "dead" or not self._settled_since(each, alive)]

    def _settled_since(self, dead: InHand, alive: set[str]) -> bool:
        return dead.run.run_id in alive or _end_of(self._past.of(dead.run.run_id)) is not None

    def _life(self, state: ProcessState) -> Life:
        try:
            return self._life_of(state.owner)
        except ValueError:
            return "unknown"

    def _last_sign(self, states: Iterable[ProcessState]) -> str:
        """Return when a session that does not run any more is last known to have run."""
        ends = (record.completed_at for record in self._past.records)
        return max([self._started_at, *ends, *(state.updated_at for state in states)])


def _end_of(past: PastRun) -> RunRecord | None:
    """Return the record by which a run has come to an end; None while it is still to be made, or made again."""
    return past.record if past.settled is not None or past.recorded_now else None


def _outcome(record: RunRecord) -> str:
    """Return the count of a view in which a run that is done stands."""
    by_status = {"needs_score": "needs_score", "infra_error": "infra_errors", "not_run": "left_out"}
    return by_status.get(record.status) or ("passed" if record.passed else "failed")


def _retried(found: Mapping[str, PastRun], in_hand: Iterable[InHand]) -> set[str]:
    """Return the ids of the runs that had a try before the one that counts, or is to count."""
    # A record of before, whose run is made again, is a failed try; one that the run has ended with is none.
    tries = {run_id: past.failed_tries if _end_of(past) is None else past.beside for run_id, past in found.items()}
    # Of a try whose process was killed only the next one knows, until it is on record.
    return {run_id for run_id, failed in tries.items() if failed} | {
        each.run.run_id for each in in_hand if each.run.number > 1
    }


def _spent(pasts: Iterable[PastRun], in_hand: Iterable[InHand], busy: set[str]) -> Mapping[str, Any]:
    """Return tokens and cost, of a run that is in hand by its process's word alone."""
    records = [past.record for past in pasts if past.record is not None and past.record.run_id not in busy]
    used = [(record.usage.tokens, record.usage.cost) for record in records]
    used += [(each.run.tokens, each.run.cost) for each in in_hand if each.life != "dead"]
    known = [(tokens, cost) for tokens, cost in used if tokens is not None]
    costs = [cost for _, cost in known if cost is not None]
    return {
        "tokens": sum(tokens for tokens, _ in known) if known else None,
        "cost": sum(costs) if known and len(costs) == len(known) else None,
    }


def _longest_first(in_hand: Iterable[InHand], planned: Sequence[PlannedRun]) -> tuple[InHand, ...]:
    places = {run.run_id: place for place, run in enumerate(planned)}

    def key(each: InHand) -> tuple[bool, str, int]:
        return each.life == "dead", each.run.started_at, places.get(each.run.run_id, len(places))

    return tuple(sorted(in_hand, key=key))
