"""What the tables of a result hold, for every way to write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pytest_metr.report.results.numbers import format_horizon, format_score, three_digits
from pytest_metr.types import AgentResult, Estimate, ScoreResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of numbers.

    :param title: its words; whoever writes the table breaks it into lines.
    :param cells: for each row a number and what stands to the right of it, for example its interval.
    :param group: columns of one group stay together where the table is too wide for one.
    """

    title: str
    cells: tuple[tuple[str, str], ...]
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows with a name each; the names are as they were recorded, so hostile."""

    title: str
    names: tuple[str, ...]
    columns: tuple[Column, ...]


def agent_table(result: ScoreResult) -> Table:
    """Return the table of agents: tasks, runs, scores and time horizons."""
    agents = result.agents
    columns = [_counts("tasks", agents, lambda agent: agent.tasks), _counts("runs", agents, lambda agent: agent.runs)]
    columns.append(Column(title="overall score", cells=tuple(format_score(agent.overall_score) for agent in agents)))
    columns.append(Column(title="success rate", cells=tuple(format_score(agent.success_rate) for agent in agents)))
    for percent in _percents(result):
        cells = tuple(format_horizon(_horizon(agent, percent)) for agent in agents)
        columns.append(Column(title=f"{percent} % horizon", cells=cells, group="horizons"))
    return Table(title="agent", names=tuple(agent.agent for agent in agents), columns=tuple(columns))


def bracket_table(result: ScoreResult) -> Table | None:
    """Return the table of scores by agent and bracket, of the brackets that any agent has tasks of.

    Its last row counts the tasks. None where no bracket has any.
    """
    found = [{bracket.name: bracket for bracket in agent.brackets if bracket.tasks} for agent in result.agents]
    known = dict.fromkeys(bracket.name for agent in result.agents for bracket in agent.brackets)
    columns = []
    for name in known:
        of_agents = [brackets.get(name) for brackets in found]
        counts = [bracket.tasks if bracket is not None else 0 for bracket in of_agents]
        if not any(counts):
            continue
        scores = [("-", "") if bracket is None else (format_score(bracket.score)[0], "") for bracket in of_agents]
        columns.append(Column(title=name.replace("_", " "), cells=(*scores, (_span(counts), ""))))
    names = (*(agent.agent for agent in result.agents), "tasks")
    return Table(title="score by bracket", names=names, columns=tuple(columns)) if columns else None


def task_table(agent: AgentResult) -> Table:
    """Return the table of an agent's tasks: human minutes, runs, success rate, score and weight."""
    tasks = agent.task_results
    minutes = [("-" if task.human_minutes is None else three_digits(task.human_minutes), "") for task in tasks]
    rates = [format_score(Estimate(value=task.success_rate)) for task in tasks]
    scores = [format_score(Estimate(value=task.score)) for task in tasks]
    columns = (
        Column(title="minutes", cells=tuple(minutes)),
        Column(title="runs", cells=tuple((str(task.runs), "") for task in tasks)),
        Column(title="success rate", cells=tuple(rates)),
        Column(title="score", cells=tuple(scores)),
        Column(title="weight", cells=tuple((f"{task.weight:.4f}", "") for task in tasks)),
    )
    return Table(title=f"task of {agent.agent}", names=tuple(task.task_id for task in tasks), columns=columns)


def _counts(title: str, agents: Sequence[AgentResult], count: Callable[[AgentResult], int]) -> Column:
    return Column(title=title, cells=tuple((str(count(agent)), "") for agent in agents))


def _percents(result: ScoreResult) -> list[str]:
    """The percents of the horizons, rising, whether the protocol or an agent's result names them."""
    named = {str(percent) for percent in result.protocol.percents}
    return sorted(
        named.union(*(agent.horizon.at for agent in result.agents)), key=lambda percent: (len(percent), percent)
    )


def _horizon(agent: AgentResult, percent: str) -> Estimate:
    return agent.horizon.at.get(percent, Estimate(value=None, problem=agent.horizon.problem or "no_runs"))


def _span(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low}-{high}"
