"""The elicitation report: what was done to elicit an agent, what was found, what stays doubtful, ready to be signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_metr.report.flags import RedFlag
from pytest_metr.report.markup import markdown_lines
from pytest_metr.report.results.elicited import corrected_brackets, corrected_table, read_table, sentences, total
from pytest_metr.report.results.markdown import table_markdown
from pytest_metr.report.results.numbers import format_score
from pytest_metr.report.results.remarks import protocol_line
from pytest_metr.texts import escape_markdown
from pytest_metr.types import (
    AgentResult,
    AgentSpec,
    Agreement,
    Competence,
    Elicitation,
    EvaluationProtocol,
    Finding,
    Record,
    RunRecord,
    Sample,
)

#: As many runs are named of one kind; all others are counted.
_MOST_NAMED = 20
_SHORT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Elicited(Record):
    """Everything that the elicitation report of one agent is made of.

    :param runs: how many unguided runs of the agent there are by split, the empty text for none.
    :param not_frozen: how many of them are by the agent when it was not frozen, or had changed since.
    :param competence: beside an earlier agent; None where nobody named one.
    :param findings: of the runs with a label.
    :param notes: what a reader must know of session and labels.
    """

    agent: AgentSpec
    session: str
    started_at: str
    ended_at: str
    protocol: EvaluationProtocol
    runs: dict[str, int]
    not_frozen: int
    result: AgentResult
    elicitation: Elicitation
    findings: tuple[Finding, ...]
    samples: tuple[Sample, ...]
    agreements: tuple[Agreement, ...]
    flags: tuple[RedFlag, ...]
    competence: Competence | None
    notes: tuple[str, ...] = ()


def runs_by_split(runs: Sequence[RunRecord]) -> dict[str, int]:
    """Return how many runs there are of each split, sorted; the empty text stands for none."""
    splits = [run.split or "" for run in runs]
    return {split: splits.count(split) for split in sorted(set(splits))}


def elicitation_markdown(report: Elicited) -> str:
    """Return the report as Markdown. Whatever names and notes could do in Markdown is escaped."""
    parts = [
        f"# Elicitation report: {escape_markdown(report.agent.name)}",
        _bullets(_what_it_is(report)),
        "## What was done",
        _bullets(_done(report)),
        "## What was found",
        *_found(report),
        "## Checks",
        _checks(report),
        _bullets(_competence(report.competence)),
        "## Red flags",
        _bullets(_flags(report.flags)),
        "## What stays doubtful",
        _bullets(_doubtful(report)),
        "## Signed",
        _SIGNED,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_SIGNED = "\n".join(
    markdown_lines(
        [
            ["who", "has read how many runs", "takes the numbers above for right, but for what is doubtful", "date"],
            ["", "", "", ""],
            ["", "", "", ""],
        ],
        words=range(4),
    )
)


def _bullets(sentences: Iterator[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _what_it_is(report: Elicited) -> Iterator[str]:
    agent = report.agent
    known = [
        f"{key} {escape_markdown(value)}"
        for key, value in (("model", agent.model), ("scaffold", agent.scaffold))
        if value
    ]
    yield ", ".join(
        [f"agent {escape_markdown(agent.name)}", *known, f"identity {escape_markdown(agent.identity[:_SHORT])}"]
    )
    began, ended = map(escape_markdown, (report.started_at, report.ended_at))
    yield f"session {escape_markdown(report.session)}, from {began} to {ended}"
    yield escape_markdown(protocol_line(report.protocol))


def _done(report: Elicited) -> Iterator[str]:
    runs = ", ".join(
        f"{count} of {f'the split {escape_markdown(split)}' if split else 'no split'}"
        for split, count in report.runs.items()
    )
    yield f"runs: {runs or 'none'}"
    freeze = report.agent.freeze
    if report.agent.frozen is None:
        yield "freezing means nothing for an agent of this kind"
    elif freeze is None:
        yield "the agent was **not frozen** before it was run"
    else:
        frozen_as = escape_markdown(freeze.identity[:_SHORT])
        state = "as it was run" if report.agent.frozen else f"as {frozen_as}, and **has changed since**"
        yield f"frozen {state} by {escape_markdown(freeze.by)} at {escape_markdown(freeze.at)}" + _after(freeze.note)
        if report.agent.frozen and report.not_frozen:
            runs = f"**{report.not_frozen} of {sum(report.runs.values())} runs**"
            yield f"{runs} are by the agent when it was not frozen, or had changed since"
    read = total(report.elicitation.read)
    yield (
        f"read: {read.read} of {read.failures} failed runs ({read.sampled} of these drawn at random), "
        f"{read.successes_read} of {read.successes} passed ones"
    )
    readers = sorted({reader for finding in report.findings for reader in finding.labels})
    yield f"by {', '.join(map(escape_markdown, readers))}" if readers else "by nobody"
    for sample in report.samples:
        yield (
            f"a random sample of {len(sample.runs)} of {sample.of} {sample.population} runs was drawn "
            f"with seed {sample.seed} by {escape_markdown(sample.reviewer)} at {escape_markdown(sample.at)}"
        )


def _found(report: Elicited) -> Iterator[str]:
    yield table_markdown(corrected_table(report.elicitation))
    brackets = corrected_brackets(report.elicitation)
    if brackets is not None:
        yield table_markdown(brackets)
    yield table_markdown(read_table(report.elicitation))
    told = [line for line in sentences(report.elicitation, report.agreements) if not line.startswith("warning: ")]
    if told:
        yield _bullets(map(escape_markdown, told))
    rows = [_row(finding) for finding in report.findings if finding.label != "real"]
    if rows:
        shown = rows[:_MOST_NAMED]
        yield "\n".join(markdown_lines([["run", "label", "why", "notes"], *shown], words=range(4)))
    if len(rows) > _MOST_NAMED:
        yield f"and {len(rows) - _MOST_NAMED} more runs with a label other than real"


def _row(finding: Finding) -> list[str]:
    label = finding.label or " / ".join(f"{reader}: {label}" for reader, label in finding.labels.items())
    cells = [finding.run_id, label, ", ".join(finding.categories), "; ".join(finding.notes)]
    return [escape_markdown(cell) for cell in cells]


def _checks(report: Elicited) -> str:
    rows = [[check.name, check.verdict, check.sentence] for check in report.result.checks]
    if not rows:
        return "The protocol asks for none."
    escaped = [[*map(escape_markdown, row)] for row in rows]
    return "\n".join(markdown_lines([["check", "verdict", "found"], *escaped], words=range(3)))


def _competence(competence: Competence | None) -> Iterator[str]:
    if competence is None:
        yield "basic competences: no earlier agent was named to compare with"
        return
    number, interval = format_score(competence.difference)
    what = f"on {competence.tasks} tasks of up to {competence.at_most:g} human minutes"
    beside = f"the score differs by {number} {interval}".strip()
    worse = f"worse on {len(competence.worse)}: {_named(competence.worse)}" if competence.worse else "worse on none"
    yield f"basic competences, beside {escape_markdown(competence.earlier)} {what}: {worse}; {beside}"
    if competence.other_versions:
        yield f"not compared, since their versions or files differ: {_named(competence.other_versions)}"


def _flags(flags: Sequence[RedFlag]) -> Iterator[str]:
    for flag in flags:
        runs = f" ({len(flag.runs)}: {_named(flag.runs)})" if flag.runs else ""
        yield f"**{flag.name}**: {escape_markdown(flag.sentence)}{runs}"
    if not flags:
        yield "none was raised"


def _doubtful(report: Elicited) -> Iterator[str]:
    yield from map(escape_markdown, report.elicitation.warnings)
    for check in report.result.checks:
        if check.verdict != "passed":
            verdict = "failed" if check.verdict == "failed" else "has no answer"
            yield f"the check {check.name} {verdict}: {escape_markdown(check.sentence)}"
    if report.result.missing:
        yield f"{report.result.missing} runs have no score that should have one"
    yield from map(escape_markdown, (*report.result.warnings, *report.result.horizon.warnings, *report.notes))
    yield "whoever reads runs can be wrong: labels are people's words, and this report does not check them"


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    shown = ", ".join(map(escape_markdown, names[:_MOST_NAMED]))
    return f"{shown} and {more} more" if more > 0 else shown


def _after(note: str) -> str:
    return f": {escape_markdown(note)}" if note else ""
