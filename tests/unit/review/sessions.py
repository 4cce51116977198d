"""Sessions with runs to be read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pytest_metr.report.reading import WholeSession, read_session
from pytest_metr.types import LimitHit, RunRecord, Usage
from tests.unit.report.reading import report, report_run, write_report
from tests.unit.report.records import make_plan, make_record, make_task

#: What nobody's terminal may act on.
HOSTILE = "[bold]no[/bold] [@click=app.quit]go[/] \x1b[2J\x1b]8;;http://x\x07 \x9b31m \u202egnp.exe \x00 {{7*7}} \ud800"


def run(task: str, score: float | None = 0.0, **more: Any) -> RunRecord:
    plan = make_plan(make_task(task))
    fields = {"usage": Usage(actions=3), "transcript": f"transcripts/{plan.run_id}.jsonl", **more}
    return make_record(plan, score=score, **fields)


def some_runs() -> list[RunRecord]:
    """Return four failures, one of which a limit ended, and a success."""
    return [
        run("a/t"),
        run("b/t", status="limit", limit_hit=LimitHit(name="actions", allowed=9.0)),
        run("c/t", observed={"refusal": 2}),
        run(
            "d/t",
            submission=HOSTILE,
            scoring_output={"stdout": HOSTILE, "stderr": "", "exit_code": "0"},
            notes=(HOSTILE,),
        ),
        run("e/t", 1.0),
    ]


def events(instructions: str = "Do it.") -> list[dict[str, Any]]:
    at = "2026-01-01T00:00:0{}.000Z"
    body = {"choices": [{"message": {"content": "I look.", "tool_calls": []}, "finish_reason": "stop"}]}
    return [
        {"n": 1, "at": at.format(0), "kind": "run", "run": {"run_id": "x"}},
        {"n": 2, "at": at.format(1), "kind": "task", "instructions": instructions},
        {"n": 3, "at": at.format(2), "kind": "model_request", "wire": "openai", "body": {"messages": []}},
        {"n": 4, "at": at.format(3), "kind": "model_response", "body": body},
        {"n": 5, "at": at.format(4), "kind": "bash", "command": "ls", "output": "\n".join(map(str, range(50)))},
        {"n": 6, "at": at.format(5), "kind": "bash", "command": HOSTILE, "output": HOSTILE},
    ]


def write_session(
    folder: Path, runs: Iterable[RunRecord], transcript: Iterable[Mapping[str, Any]] | None = None
) -> WholeSession:
    """Write a session all of whose runs have one and the same transcript."""
    records = list(runs)
    write_report(folder, report(*map(report_run, records)))
    (folder / "transcripts").mkdir(exist_ok=True)
    lines = "".join(json.dumps(event) + "\n" for event in (events() if transcript is None else transcript))
    for record in records:
        if record.transcript is not None:
            (folder / record.transcript).write_text(lines, encoding="utf-8")
    return read_session(folder)
