"""The numbers of a live session: its records under its protocol, with the weights of a hook where one answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_metr.errors import UsageMistake
from pytest_metr.gate import Gate
from pytest_metr.protocol import run_weights
from pytest_metr.report import Judged
from pytest_metr.scoring import judge_rows, rows_by_agent, score_agent
from pytest_metr.types import RECORDED_WEIGHTS, AgentResult, EvaluationProtocol, RunRecord, RunRow, Verdict

#: Takes the runs of one agent that count; returns their weights, or None to leave them to the protocol.
WeighRecords = Callable[[Sequence[RunRecord]], Sequence[float] | None]


class Judging:
    """All runs of a session, to be put into numbers.

    :param runs: every run, those that were not made included.
    :param facts: the first line of the journal, which knows the kinds of the agents.
    :param weigh: asks the hook.
    """

    def __init__(
        self,
        runs: Sequence[RunRecord],
        protocol: EvaluationProtocol,
        facts: Mapping[str, Any],
        *,
        weigh: WeighRecords | None = None,
        broken_families: int = 0,
    ) -> None:
        self._protocol = protocol
        self._broken_families = broken_families
        self._weigh_records = weigh
        self._records = {run.run_id: run for run in runs}
        self._hook_answered = False
        kinds = {agent["name"]: agent.get("kind") for agent in facts.get("agents", ())}
        self.rows = [RunRow.of(run, agent_kind=kinds.get(run.agent), place=run.run_id) for run in runs]

    def judged(self, gate: Gate | None) -> Judged:
        """Return the numbers of each agent and the gate's verdict.

        :raises UsageMistake: where the gate asks for what there is not.
        """
        results: dict[str, AgentResult] = {}
        weights: dict[str, float] = {}
        problems: dict[str, str] = {}
        for agent, rows in rows_by_agent(self.rows).items():
            others = [row for row in self.rows if row.agent != agent]
            try:
                score = score_agent(
                    rows, self._protocol, others=others, weigh=self._weigh, broken_families=self._broken_families
                )
            except UsageMistake as mistake:
                problems[agent] = str(mistake)
            else:
                results[agent] = score.result
                weights.update(score.weights)
        verdict = None if gate is None else self._verdict(gate, problems)
        protocol = replace(self._protocol, weighting=RECORDED_WEIGHTS) if self._hook_answered else self._protocol
        return Judged(protocol=protocol, results=results, weights=weights, problems=problems, verdict=verdict)

    def _weigh(self, rows: Sequence[RunRow]) -> Sequence[float]:
        """Return the hook's weights of one agent's rows, or the protocol's where no hook answers."""
        given = None
        if self._weigh_records is not None:
            given = self._weigh_records([self._records[row.run_id] for row in rows])
        if given is None:
            return run_weights(rows, self._protocol)
        self._hook_answered = True
        return given

    def _verdict(self, gate: Gate, problems: Mapping[str, str]) -> Verdict:
        if problems:
            sentence = f"nothing can be judged: {'; '.join(problems.values())}"
            return Verdict(verdict="inconclusive", sentence=sentence, gate=gate.name, reasons=tuple(problems.values()))
        return judge_rows(gate, self.rows, self._protocol, weigh=self._weigh, broken_families=self._broken_families)
