"""The numbers of a live session: its records under its protocol, with the weights of a hook where one answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_metr.errors import UsageMistake
from pytest_metr.gate import Gate
from pytest_metr.protocol import counted, run_weights
from pytest_metr.report import Judged
from pytest_metr.scoring import floor_of, judge_rows, rows_by_agent, score_agent
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
        kinds = {agent["name"]: agent.get("kind") for agent in facts.get("agents", ())}
        self.rows = [RunRow.of(run, agent_kind=kinds.get(run.agent), place=run.run_id) for run in runs if run.own]

    def judged(self, gate: Gate | None) -> Judged:
        """Return the numbers of each agent and the gate's verdict.

        :raises UsageMistake: where the gate asks for what there is not.
        """
        results: dict[str, AgentResult] = {}
        weights: dict[str, float] = {}
        problems: dict[str, str] = {}
        protocol, rows = self._weighed(problems)
        for agent, own in rows_by_agent(rows).items():
            if agent in problems:
                continue
            others = [row for row in rows if row.agent != agent]
            try:
                score = score_agent(own, protocol, others=others, broken_families=self._broken_families)
            except UsageMistake as mistake:
                problems[agent] = str(mistake)
            else:
                results[agent] = self._with_floor(score.result)
                # A recorded weight stays as it is, so that whoever reads it computes with the very same one.
                recorded = {row.run_id: row.weight for row in own if row.weight is not None}
                weights.update({run_id: recorded.get(run_id, weight) for run_id, weight in score.weights.items()})
        verdict = None if gate is None else self._verdict(gate, protocol, rows, problems)
        return Judged(protocol=protocol, results=results, weights=weights, problems=problems, verdict=verdict)

    def _with_floor(self, result: AgentResult) -> AgentResult:
        """Return the result with its floor by the hook, for no weight of a missing run is on record."""
        if not result.missing or result.floor is not None or self._weigh_records is None:
            return result
        rows = [row for row in self.rows if row.agent == result.agent]
        return replace(result, floor=floor_of(rows, self._protocol, result, self._asked))

    def _asked(self, rows: Sequence[RunRow]) -> Sequence[float]:
        answer = self._answer(rows)
        return run_weights(rows, self._protocol) if answer is None else answer

    def _weighed(self, problems: dict[str, str]) -> tuple[EvaluationProtocol, list[RunRow]]:
        """Return the protocol and the rows, with the hook's weights beside them where it answers for any agent.

        From there on everything is computed as it is from the report, by recorded weights: the numbers of a session,
        its checks and its gate are those of its folder.

        :param problems: by agent, where the hook gave no weights; added to.
        """
        agents = {agent: self._counted(rows) for agent, rows in rows_by_agent(self.rows).items()}
        answers: dict[str, Sequence[float] | None] = {}
        for agent, rows in agents.items():
            try:
                answers[agent] = self._answer(rows)
            except UsageMistake as mistake:
                problems[agent] = str(mistake)
        if all(answer is None for answer in answers.values()):
            return self._protocol, self.rows
        given: dict[str, float] = {}
        for agent, answer in answers.items():
            try:
                weights = run_weights(agents[agent], self._protocol) if answer is None else answer
            except UsageMistake as mistake:
                problems[agent] = str(mistake)
            else:
                given.update({row.run_id: w for row, w in zip(agents[agent], weights, strict=True)})
        protocol = replace(self._protocol, weighting=RECORDED_WEIGHTS)
        return protocol, [replace(row, weight=given.get(row.run_id)) for row in self.rows]

    def _counted(self, rows: Sequence[RunRow]) -> list[RunRow]:
        return [rows[place] for place in counted(rows, self._protocol)]

    def _answer(self, rows: Sequence[RunRow]) -> Sequence[float] | None:
        """Ask the hook for the weights of one agent's rows that count."""
        if self._weigh_records is None or not rows:
            return None
        return self._weigh_records([self._records[row.run_id] for row in rows])

    def _verdict(
        self, gate: Gate, protocol: EvaluationProtocol, rows: Sequence[RunRow], problems: Mapping[str, str]
    ) -> Verdict:
        if problems:
            sentence = f"nothing can be judged: {'; '.join(problems.values())}"
            return Verdict(verdict="inconclusive", sentence=sentence, gate=gate.name, reasons=tuple(problems.values()))
        return judge_rows(gate, rows, protocol, broken_families=self._broken_families)
