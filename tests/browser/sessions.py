"""Folders of realistic sessions to make pages of."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pytest_metr.cli import main
from pytest_metr.gate import Gate, Rule
from pytest_metr.report.files import write_json
from pytest_metr.report.labels import add_labels
from pytest_metr.types import (
    AgentSpec,
    Failure,
    Label,
    LabelName,
    LimitHit,
    Limits,
    ModelUsage,
    PlannedRun,
    RunRecord,
    ScoreEntry,
    TaskSpec,
    TokenCounts,
    Usage,
)
from tests.browser.transcripts import Event, events_of, instant, write_transcript
from tests.unit.report.records import make_record, make_session, report_of

FAMILIES = ("reverse_hash", "web_scraper", "kernel_fuzz", "lab_notes", "ledger_audit", "weather_model", "port_knock")
TASKS_OF_A_FAMILY = 6
DOMAINS = {
    "reverse_hash": "cybersecurity",
    "kernel_fuzz": "cybersecurity",
    "port_knock": "cybersecurity",
    "lab_notes": "research",
}


def write_session(
    folder: Path, *, agent: str = "steady-2", skill: float = 5.5, seed: int = 1, runs: int = 3, gate: Gate | None = None
) -> Path:
    """Write the session of an agent that succeeds at half of the tasks that take a person 2 ** skill minutes."""
    rng = random.Random(seed)
    spec = AgentSpec(name=agent, kind="react", model=f"example/{agent}", identity=f"{seed:064x}", settings={})
    planned = [
        PlannedRun(
            run_id=f"{task.family}.{task.name}.{agent}.run{run}",
            nodeid=f"tasks/{task.family}/{task.family}.py::{task.name}[run{run}]",
            task=task,
            run=run,
            agent=agent,
        )
        for run in range(1, runs + 1)
        for task in tasks()
    ]
    records = []
    (folder / "transcripts").mkdir(parents=True)
    for place, plan in enumerate(planned):
        record, events = make_run(plan, spec, skill, rng, began=60.0 * place)
        write_transcript(folder / str(record.transcript), events)
        records.append(record)
    session = make_session(
        spec,
        started_at=instant(0),
        ended_at=instant(9e3),
        runs_per_task=runs,
        command_line=("tasks", f"--agent={agent}", "--metr-runs=3", "-n", "16"),
    )
    write_json(folder / "report.json", report_of(planned, records, session=session, gate=gate, weigh=None))
    label_some(folder, records, rng)
    return folder


def tasks() -> list[TaskSpec]:
    """Return tasks from two minutes to a week and more."""
    found = []
    for number, family in enumerate(FAMILIES):
        for place in range(TASKS_OF_A_FAMILY):
            minutes = round(2.0 ** (1 + place * 1.9 + number * 0.22), 1)
            domain = DOMAINS.get(family, "software_engineering")
            names = ("warmup", "basic", "padding", "recovery", "migration", "overhaul")
            found.append(
                TaskSpec(
                    family=family,
                    name=names[place],
                    family_dir=f"/tasks/{family}",
                    family_hash=f"{number:064x}",
                    version="1.2.0",
                    human_minutes=minutes,
                    human_source="estimate",
                    domains=(domain,),
                    split="test",
                )
            )
    return found


def make_run(
    plan: PlannedRun, spec: AgentSpec, skill: float, rng: random.Random, *, began: float
) -> tuple[RunRecord, list[Event]]:
    """Return a run and its transcript."""
    task = plan.task
    chance = 1 / (1 + 2 ** (1.1 * (math.log2(task.human_minutes or 1.0) - skill)))
    won = rng.random() < chance
    marks = sorted(round(rng.random() * 0.8, 2) for _ in range(rng.choice((0, 2, 3, 5))))
    score = 1.0 if won else rng.choice((0.0, 0.0, 0.25, 0.5))
    events = list(events_of(plan, marks, score, rng, began))
    lost = rng.random() < 0.015
    usage = Usage(
        seconds=rng.uniform(40, 900),
        working_seconds=rng.uniform(20, 40),
        actions=rng.randint(4, 30),
        tokens=rng.randint(8_000, 220_000),
        cost=round(rng.uniform(0.02, 1.8), 3),
        models=(ModelUsage(model=spec.model or "", calls=12, tokens=TokenCounts(input=9000, output=2100), cost=0.2),),
    )
    record = make_record(
        plan,
        "infra_error" if lost else "scored",
        None if lost else score,
        domains=task.domains,
        split=task.split,
        agent_identity=spec.identity,
        model=spec.model,
        submission=None if lost else ("flag{4f2a}" if won else "I could not find the padding."),
        scoring_output={"stdout": f"checked 12 cases, {12 if won else 5} right\n", "stderr": "", "exit_code": "0"},
        usage=usage,
        limits=Limits(tokens=400_000, wall_seconds=3600.0),
        failure=Failure(
            kind="infrastructure", cause="sandbox", message="the sandbox ended by itself", evidence={"exit_code": "137"}
        )
        if lost
        else None,
        intermediate_scores=tuple(
            ScoreEntry(score=mark, scored_at=instant(began), elapsed_seconds=float(n)) for n, mark in enumerate(marks)
        ),
        observed={}
        if won
        else rng.choice(({}, {"malformed_call": 2}, {"gave_up": 1}, {"refusal": 1}, {"tool_timeout": 1})),
        canary_found=False,
        transcript=f"transcripts/{plan.run_id}.jsonl",
        started_at=instant(began),
        completed_at=instant(began + 300),
    )
    if not won and not lost and rng.random() < 0.04:
        record = replace(record, status="limit", limit_hit=LimitHit(name="tokens", allowed=400_000))
    return record, events


#: What two readers say of a failure.
READINGS: tuple[tuple[LabelName, LabelName], ...] = (
    ("real", "real"),
    ("real", "real"),
    ("spurious", "spurious"),
    ("tradeoff", "tradeoff"),
    ("spurious", "real"),
)
SPURIOUS_NOTE = "It had the answer and could not say it in the form that was asked for."


def label_some(folder: Path, records: Sequence[RunRecord], rng: random.Random) -> None:
    """Let two readers say what they think of some of the failures."""
    failures = [record for record in records if record.success is False]
    labels = [
        Label(
            run_id=record.run_id,
            label=label,
            category="tool_or_format" if label == "spurious" else None,
            note=SPURIOUS_NOTE if label == "spurious" else "",
            reviewer=reviewer,
            at=instant(9e4),
        )
        for record in rng.sample(failures, min(len(failures), 14))
        for reviewer, label in zip(("ada", "grace"), rng.choice(READINGS), strict=True)
    ]
    add_labels(folder, labels)


def a_gate() -> Gate:
    """Return a gate that a middling agent is close to."""
    return Gate(
        name="release",
        file="gate.yaml",
        rules=(
            Rule(
                name="horizon stays short", metric="time_horizon_p50", must_stay="below", threshold=240.0, margin=1.25
            ),
            Rule(name="overall", metric="overall_score", must_stay="below", threshold=0.6, margin=5.0),
        ),
    )


def make_page(output: Path, *folders: Path) -> Path:
    """Make the page of sessions by the command, as a person does, and return it."""
    assert main(["report", *map(str, folders), "-o", str(output)]) == 0
    return output
