"""Reading a study file, strictly: what is wrong is told with file, key and expectation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pytest_metr.documents import read_document
from pytest_metr.errors import UsageMistake
from pytest_metr.fields import Fields, describe, suggestion
from pytest_metr.protocol import load_protocol
from pytest_metr.protocol.impact import MarginRule
from pytest_metr.types import MARGIN_ENDS, EvaluationProtocol, MarginEnd

_FEWEST_STEPS = 2
#: The largest group that a run can be chosen of.
_MOST = 1000
_A_STEP = "a mapping with name, and either runs (and agent) or best_of"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyStep:
    """One step, as the file has it: either *runs* or *best_of* is there.

    :param runs: sources of runs, paths that the program can open.
    :param agent: None for the only one of the runs.
    :param best_of: the name of an earlier step with *runs*; empty for a step with runs of its own.
    :param n: of how many runs of that step each is chosen.
    """

    name: str
    runs: tuple[Path, ...] = ()
    agent: str | None = None
    best_of: str = ""
    n: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What is to be compared.

    :param protocol: None where the file names none.
    """

    name: str
    file: Path
    steps: tuple[StudyStep, ...]
    protocol: EvaluationProtocol | None
    margin: MarginRule

    def mistake(self, step: StudyStep, key: str, message: str) -> UsageMistake:
        """Return a mistake at a key of one of the steps."""
        return UsageMistake(message, file=self.file, key=f"steps[{self.steps.index(step)}].{key}")


def load_study(path: Path) -> Study:
    """Read a study file.

    :raises UsageMistake: where it cannot be read, or anything in it is not as docs/impact.md says.
    """
    fields = read_document(path)
    name = fields.optional_text("study")
    if name is not None and not name.strip():
        fields.wrong("study", "expected a name, found an empty text")
    protocol = _protocol(fields, path)
    steps = _steps(fields, path.parent)
    study = Study(
        name=path.stem if name is None else name,
        file=path,
        steps=steps,
        protocol=protocol,
        margin=_margin(fields.mapping("margin"), [step.name for step in steps]),
    )
    fields.finish()
    return study


def _protocol(fields: Fields, path: Path) -> EvaluationProtocol | None:
    given = fields.optional_text("protocol")
    if given is None:
        return None
    if not given.strip():
        fields.wrong("protocol", "expected the name or the file of a protocol, found an empty text")
    return load_protocol(given, base=path.parent)


def _steps(fields: Fields, folder: Path) -> tuple[StudyStep, ...]:
    items = fields.value("steps", f"a list of two or more steps, each {_A_STEP}")
    if not isinstance(items, list) or len(items) < _FEWEST_STEPS:
        found = f"a list of {len(items)}" if isinstance(items, list) and items else describe(items)
        fields.wrong("steps", f"expected a list of two or more steps, each {_A_STEP}, found {found}")
    steps: list[StudyStep] = []
    for index, item in enumerate(items):
        steps.append(_step(fields.nested(item, f"steps[{index}]"), steps, folder))
    return tuple(steps)


def _step(fields: Fields, before: Sequence[StudyStep], folder: Path) -> StudyStep:
    name = fields.text("name")
    if not name.strip():
        fields.wrong("name", "expected a name, found an empty text")
    if name in [step.name for step in before]:
        fields.wrong("name", f"expected another name for each step, found {name!r} again")
    if "best_of" in fields:
        if "runs" in fields:
            fields.wrong("runs", "expected either runs or best_of, found both")
        if "agent" in fields:
            fields.wrong("agent", "expected no agent with best_of, which has that of its step")
        best_of, n = _best_of(fields.mapping("best_of"), before)
        step = StudyStep(name=name, best_of=best_of, n=n)
    else:
        agent = fields.optional_text("agent")
        step = StudyStep(name=name, runs=_runs(fields, folder), agent=agent)
        fields.value("best_of")
    fields.finish()
    return step


def _best_of(fields: Fields, before: Sequence[StudyStep]) -> tuple[str, int]:
    known = [step.name for step in before if step.runs]
    of = fields.text("step")
    if of not in known:
        there = ", ".join(known) or "there is none"
        fields.wrong("step", f"expected an earlier step with runs ({there}), found {of!r}{suggestion(of, known)}")
    fields.value("n", f"a whole number from 2 to {_MOST}")
    n = fields.whole("n", f"from 2 to {_MOST}", lambda number: 2 <= number <= _MOST)
    fields.finish()
    return of, cast(int, n)


def _runs(fields: Fields, folder: Path) -> tuple[Path, ...]:
    expected = "the folder of a session, report.json or runs.jsonl, or a list of them"
    value = fields.value("runs", expected)
    written = value if isinstance(value, list) and value else [value]
    for index, item in enumerate(written):
        if not isinstance(item, str) or not item.strip() or "\0" in item:
            key = f"runs[{index}]" if isinstance(value, list) and value else "runs"
            fields.wrong(key, f"expected {expected}, found {describe(item)}")
    return tuple(folder / item for item in written)


def _margin(fields: Fields, names: Sequence[str]) -> MarginRule:
    counted_from = fields.optional_text("from")
    if counted_from is not None and counted_from not in names[:-1]:
        there, close = ", ".join(names[:-1]), suggestion(counted_from, names[:-1])
        fields.wrong("from", f"expected a step that others follow ({there}), found {counted_from!r}{close}")
    start = 0 if counted_from is None else names.index(counted_from)
    steps = _counted_steps(fields, names[start + 1 :])
    end = fields.choice("end", MARGIN_ENDS) or "bounds"
    fields.finish()
    return MarginRule(counted_from=counted_from, steps=steps, end=cast(MarginEnd, end))


def _counted_steps(fields: Fields, known: Sequence[str]) -> tuple[str, ...]:
    items = fields.items("steps")
    if "steps" in fields and not items:
        fields.wrong("steps", "expected at least one step, found an empty list")
    for index, item in enumerate(items):
        if item not in known:
            close = suggestion(item, known) if isinstance(item, str) else ""
            fields.wrong(
                f"steps[{index}]", f"expected a step with a gain ({', '.join(known)}), found {describe(item)}{close}"
            )
        if item in items[:index]:
            fields.wrong(f"steps[{index}]", f"expected each step once, found {item!r} again")
    return tuple(items)
