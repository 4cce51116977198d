"""What reading its runs makes of an agent's numbers, as tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_metr.report.results.numbers import format_horizon, format_score
from pytest_metr.report.results.tables import Column, Table
from pytest_metr.report.results.text import table_lines, wrap
from pytest_metr.texts import printable
from pytest_metr.types import CATEGORIES, Agreement, CorrectedResult, Correction, Elicitation, GuidedRuns, ReadRuns

WORDS: dict[Correction, str] = {
    "as_measured": "as measured",
    "without_spurious": "without spurious failures",
    "upper_bound": "spurious failures as successes",
    "without_doubtful": "doubtful successes as failures",
}


def corrected_table(elicitation: Elicitation) -> Table:
    """Return the table of the corrected numbers: how many runs they change, scores, time horizons."""
    results = elicitation.corrected
    columns = [Column(title="runs changed", cells=tuple((_changed(result), "") for result in results))]
    columns.append(Column(title="overall score", cells=tuple(format_score(r.overall_score) for r in results)))
    columns.append(Column(title="success rate", cells=tuple(format_score(r.success_rate) for r in results)))
    for percent in results[0].horizon.at if results else ():
        cells = tuple(format_horizon(result.horizon.at[percent]) for result in results)
        columns.append(Column(title=f"{percent} % horizon", cells=cells, group="horizons"))
    return Table(title=elicitation.agent, names=tuple(WORDS[r.name] for r in results), columns=tuple(columns))


def corrected_brackets(elicitation: Elicitation) -> Table | None:
    """Return the table of the corrected scores by bracket; None where no bracket has a task."""
    results = elicitation.corrected
    names = [bracket.name for bracket in results[0].brackets if bracket.tasks] if results else []
    if not names:
        return None
    columns = []
    for name in names:
        brackets = [next(bracket for bracket in result.brackets if bracket.name == name) for result in results]
        cells = tuple((format_score(bracket.score)[0], "") for bracket in brackets)
        columns.append(Column(title=name.replace("_", " "), cells=cells))
    return Table(title="score by bracket", names=tuple(WORDS[r.name] for r in results), columns=tuple(columns))


def read_table(elicitation: Elicitation) -> Table:
    """Return the table of what was read: by bracket, and of all."""
    rows = [*elicitation.read, total(elicitation.read)]
    names = [*((read.bracket or "no bracket").replace("_", " ") for read in elicitation.read), "all"]
    columns = [
        Column(title=title, cells=tuple((str(getattr(row, field)), "") for row in rows))
        for title, field in (
            ("failed runs", "failures"),
            ("read", "read"),
            ("drawn at random", "sampled"),
            ("spurious", "spurious"),
            ("tradeoff", "tradeoff"),
            ("disputed", "disputed"),
            ("passed runs", "successes"),
            ("read", "successes_read"),
            ("doubtful", "doubtful"),
        )
    ]
    return Table(title="runs read", names=tuple(names), columns=tuple(columns))


def total(read: Sequence[ReadRuns]) -> ReadRuns:
    """Return how many runs of all brackets were read."""
    counts = [name for name in ReadRuns.__dataclass_fields__ if name != "bracket"]
    return ReadRuns(bracket=None, **{name: sum(getattr(each, name) for each in read) for name in counts})


def sentences(elicitation: Elicitation, agreements: Sequence[Agreement] = ()) -> list[str]:
    """Return what else there is to say: why runs went as they did, agreement, guided runs, warnings."""
    told = []
    if elicitation.categories:
        named = [f"{CATEGORIES.get(name, name)} ({count})" for name, count in elicitation.categories.items()]
        told.append(f"why: {'; '.join(named)}")
    if elicitation.inferred:
        told.append(
            "runs that nobody has read are inferred from the random sample, in every draw of the intervals anew"
        )
    told += agreement_sentences(agreements)
    told += [guided_sentence(guided) for guided in elicitation.guided]
    return [*told, *(f"warning: {warning}" for warning in elicitation.warnings)]


def agreement_sentences(agreements: Sequence[Agreement]) -> list[str]:
    """Return how far readers agree, of each two that have read the same runs."""
    return [_agreement_sentence(agreement) for agreement in agreements if agreement.runs]


def _agreement_sentence(agreement: Agreement) -> str:
    one, other = map(printable, agreement.reviewers)
    kappa = "no kappa" if agreement.kappa is None else f"Cohen's kappa {agreement.kappa:.2f}"
    return f"{one} and {other} agree on {agreement.agreed} of {agreement.runs} runs that both have read ({kappa})"


def guided_sentence(guided: GuidedRuns) -> str:
    """Return what became of runs that were made again with a declared fix."""
    why = printable(guided.why)
    ended = f"{guided.successes} of {guided.runs} runs of {len(guided.tasks)} tasks succeeded"
    return f"guided by a {guided.fix} ({why}): {ended}; they are in no number here ({printable(guided.source)})"


def elicitation_lines(
    elicitations: Sequence[Elicitation], *, width: int, agreements: Sequence[Agreement] = ()
) -> list[str]:
    """Return everything as lines for a terminal."""
    lines: list[str] = []
    for elicitation in elicitations:
        lines += ["", *table_lines(corrected_table(elicitation), width, most=32)]
        brackets = corrected_brackets(elicitation)
        if brackets is not None:
            lines += ["", *table_lines(brackets, width, most=32)]
        lines += ["", *table_lines(read_table(elicitation), width), ""]
        for sentence in sentences(elicitation):
            lines += wrap(sentence, width)
    told = agreement_sentences(agreements)
    lines += ["", *(line for sentence in told for line in wrap(sentence, width))] if told else []
    return lines[1:]


def _changed(result: CorrectedResult) -> str:
    if result.name == "as_measured":
        return "-"
    if not result.inferred:
        return f"{result.changed:g}"
    return f"{result.changed:.1f} ({result.inferred:.1f} inferred)"
