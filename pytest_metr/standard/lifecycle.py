"""One run's dealings with the family: start, intermediate scores, the final score, teardown."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from pytest_metr.errors import TaskError
from pytest_metr.interfaces import Sandbox, VisibleScore
from pytest_metr.standard.call import Call, Reply, run_call
from pytest_metr.standard.evidence import ending_of, evidence_of, last_line
from pytest_metr.standard.layout import CHOWN_HOME, FAMILY_ROOT
from pytest_metr.standard.scores import FinalScore, bounded, final_score, intermediate_entry, log_argument
from pytest_metr.standard.task_data import TaskData, check_secrets
from pytest_metr.standard.timeouts import Timeouts
from pytest_metr.standard.watch import CodeWatch
from pytest_metr.types import ScoreEntry, TaskSpec

if TYPE_CHECKING:
    from pytest_metr.standard.own_tests import OwnTests

_DEFAULTS = Timeouts()


class Lifecycle:
    """The methods of a family in one sandbox, for one task. Not for several threads at once.

    Only the variables that the family requires reach its methods; ``get_tasks``, which gives each of them its task
    anew, is asked with all secrets, as when the tasks were listed.

    :param clock: gives the time as seconds since the epoch, for ``scored_at``.
    :raises TaskError: (cause ``missing_secret``) where *secrets* lacks a required variable.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        task: TaskSpec,
        data: TaskData,
        *,
        secrets: Mapping[str, str],
        timeouts: Timeouts = _DEFAULTS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        check_secrets(data, secrets, family=task.family)
        self._sandbox = sandbox
        self._task = task
        self._data = data
        self._env = {name: secrets[name] for name in data.required_environment_variables}
        self._others = {name: value for name, value in secrets.items() if name not in self._env}
        self._timeouts = timeouts
        self._clock = clock
        self._code = CodeWatch(sandbox, task)
        self._log: list[ScoreEntry] = []
        self._outputs: dict[str, dict[str, str]] = {}

    @property
    def score_log(self) -> tuple[ScoreEntry, ...]:
        """All intermediate scores so far, those that are NaN included, too large messages and details left out."""
        return tuple(map(bounded, self._log))

    @property
    def outputs(self) -> dict[str, dict[str, str]]:
        """By method: ``stdout``, ``stderr`` and ``exit_code`` of its latest call that returned; ``chown`` too."""
        return {name: dict(output) for name, output in self._outputs.items()}

    def start(self) -> None:
        """Prepare the task, then give the agent its home. The code that is there then is the code that must score.

        :raises TaskError: (cause ``task_start``)
        """
        if self._data.has_start:
            self._call("start", "task_start", self._timeouts.start)
        if not self._data.skip_chown_after_start:
            self._chown_home()
        if self._data.has_intermediate_score or self._data.has_aggregate_scores or self._data.has_score:
            self._code.remember()

    def intermediate_score(self, elapsed_seconds: float) -> ScoreEntry | None:
        """Take an intermediate score and add it to the log; None where the family has no such method.

        :param elapsed_seconds: the agent's time. Where it is not above that of the entry before, the entry gets the
            next greater number, so that the log rises strictly.
        :return: the entry, its message and details left out where they are too large; ``aggregate_scores`` gets them.
        :raises TaskError: (cause ``task_score``, or ``task_changed`` where the family's code is not what it was), and
            the log stays as it was.
        """
        if not self._data.has_intermediate_score:
            return None
        scored_at = _instant(self._clock())
        method = "intermediate_score"
        reply, _ = self._scored(method, self._timeouts.intermediate_score)
        if self._log:
            elapsed_seconds = max(elapsed_seconds, math.nextafter(self._log[-1].elapsed_seconds, math.inf))
        entry = intermediate_entry(reply, self._where(method), scored_at=scored_at, elapsed_seconds=elapsed_seconds)
        self._log.append(entry)
        return bounded(entry)

    def visible(self, entry: ScoreEntry) -> VisibleScore:
        """Return what the agent may see of *entry*: the message, and the score if the manifest lets it."""
        score = entry.score if self._task.scoring.visible_to_agent else None
        return VisibleScore(message=entry.message, score=score)

    def final_score(self, submission: str) -> FinalScore:
        """Score the run: by ``aggregate_scores`` where there is one, else by ``score``, else by a person.

        :raises TaskError: (cause ``task_score``, ``task_changed`` where the family's code is not what it was, or
            ``out_of_memory`` where scoring has run out of it without the agent's processes too)
        """
        arguments: tuple[Any, ...]
        if self._data.has_aggregate_scores:
            method, arguments = "aggregate_scores", (log_argument(self._log),)
        elif self._data.has_score:
            method, arguments = "score", (submission,)
        else:
            return FinalScore(score=None, notes=("the family has no score method: a person must score",))
        reply, notes = self._scored(method, self._timeouts.score, arguments)
        found = final_score(reply, self._where(method))
        return replace(found, notes=(*notes, *found.notes))

    def own_tests(self) -> OwnTests:
        """Run the tests that the family brings with it, ``<family>_test.py``, in this sandbox.

        :raises TaskError: (cause ``family_tests``) where they do not come to their end.
        """
        from pytest_metr.standard.own_tests import PACKAGES, OwnTests, put_pytest

        put_pytest(self._sandbox)
        timeout = self._timeouts.own_tests
        return OwnTests.of(self._call("own_tests", "family_tests", timeout, (PACKAGES,), private_tmp=True))

    def teardown(self, *, at_most: float = math.inf) -> None:
        """Let the task clean up; nothing where it has no ``teardown``.

        :param at_most: seconds that it may take, where that is less than it may take otherwise.
        :raises TaskError: (cause ``task_teardown``)
        """
        if self._data.has_teardown:
            timeout = min(self._timeouts.teardown, at_most)
            self._call("teardown", "task_teardown", timeout, private_tmp=True)

    def _scored(self, method: str, timeout: float, arguments: tuple[Any, ...] = ()) -> tuple[Reply, tuple[str, ...]]:
        """Call a method that scores, and return what it returned, with notes on how it came about.

        An agent that leaves processes with all the memory must not get an error in the place of its score.
        """
        try:
            return self._score_once(method, timeout, arguments), ()
        except TaskError as error:
            if error.cause != "out_of_memory":
                raise
        self._sandbox.kill_agent()
        note = f"{method} ran out of memory beside the agent's processes: they were killed and it was called again"
        return self._score_once(method, timeout, arguments), (note,)

    def _score_once(self, method: str, timeout: float, arguments: tuple[Any, ...]) -> Reply:
        self._code.check()
        return self._call(method, "task_score", timeout, arguments, private_tmp=True)

    def _where(self, method: str) -> str:
        return f"{self._task.family}.py: {method}"

    def _call(
        self, method: str, cause: str, timeout: float, arguments: tuple[Any, ...] = (), *, private_tmp: bool = False
    ) -> Reply:
        call = Call(
            family=self._task.family,
            method=method,
            cause=cause,
            timeout=timeout,
            task=self._task.name,
            arguments=arguments,
            env=self._env,
            get_tasks_env=self._others,
            private_tmp=private_tmp,
        )
        reply = run_call(self._sandbox, call)
        self._outputs[method] = reply.output
        return reply

    def _chown_home(self) -> None:
        timeout = self._timeouts.start
        argv = ["python", "-I", CHOWN_HOME]
        result = self._sandbox.exec(argv, user="root", cwd=FAMILY_ROOT, timeout=timeout)
        self._outputs["chown"] = evidence_of(result)
        if not result.ok:
            message = (
                f"{self._task.id}: giving /home/agent to the agent {ending_of(result, timeout)}: {last_line(result)}"
            )
            evidence = {**self._outputs["chown"]}
            for stream, text in self._outputs.get("start", {}).items():
                evidence[f"start_{stream}"] = text
            raise TaskError(message, cause="task_start", evidence=evidence)


def _instant(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
