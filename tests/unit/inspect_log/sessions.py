"""Sessions to export: records, transcripts of models' conversations, and the logs read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog, EvalSample, read_eval_log

from pytest_metr.inspect_log.writing import export_session
from pytest_metr.report import write_json
from pytest_metr.report.reading import read_session
from pytest_metr.types import AgentSpec, Finding, PlannedRun, RunRecord
from tests.unit.report.records import make_plan, make_session, make_task, report_of

Event = dict[str, Any]
BASH = {
    "type": "function",
    "function": {
        "name": "bash",
        "description": "Run a command.",
        "parameters": {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]},
    },
}
SYSTEM, TASK = {"role": "system", "content": "Be good."}, {"role": "user", "content": "The task: add."}
TOKENS = {"input": 300, "cached": 100, "cache_written": 50, "output": 40, "reasoning": 10}


def second(seconds: float) -> str:
    """Return an instant that many seconds after a run began."""
    return f"2025-03-01T12:00:{seconds:06.3f}Z"


def call(id: str, name: str, arguments: Any) -> Event:
    """Return a call of a tool as OpenAI's API has it."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"id": id, "type": "function", "function": {"name": name, "arguments": text}}


def said(text: str | None, *calls: Event, **more: Any) -> Event:
    """Return what a model said as OpenAI's API has it."""
    return {"role": "assistant", "content": text, **({"tool_calls": list(calls)} if calls else {}), **more}


def told(id: str, text: str) -> Event:
    """Return what came of a call as OpenAI's API has it."""
    return {"role": "tool", "tool_call_id": id, "content": text}


def asked(number: int, messages: Sequence[Any], *, of: int | None = None, kept: int = 0, **more: Any) -> Event:
    """Return the event of a request."""
    body = {"model": "gpt-x", "tools": [BASH], "temperature": 0.5, "max_tokens": 900}
    event = {"call": number, "model": "openai/gpt-x", "wire": "openai", "body": body, "of": of, "kept": kept}
    return {"kind": "model_request", **event, "messages": list(messages), **more}


def answered(number: int, message: Event, *, finish: str = "tool_calls", **more: Any) -> Event:
    """Return the event of an answer."""
    body = {"id": f"answer-{number}", "choices": [{"index": 0, "message": message, "finish_reason": finish}]}
    event = {"call": number, "body": body, "seconds": 1.5, "retries": 1, "tokens": TOKENS, "cost": 0.25}
    return {"kind": "model_response", **event, "counted": True, **more}


def at_times(events: Iterable[Event]) -> list[Event]:
    """Return events a second apart, with their numbers."""
    return [{"n": n, "at": second(n), **event} for n, event in enumerate(events, start=1)]


LOOK, HAND_IN = call("call_1", "bash", {"command": "ls"}), call("call_2", "submit", {"answer": "42"})
#: A run in which a model looks, and then hands in.
CONVERSATION = at_times(
    [
        {"kind": "run", "run": {}, "agent": {}},
        {"kind": "task", "instructions": "Add.", "sandbox": {"provider": "bubblewrap"}},
        {"kind": "start", "output": {}},
        asked(1, [SYSTEM, TASK]),
        answered(1, said("I look.", LOOK)),
        {
            "kind": "bash",
            "command": "ls",
            "timeout": 180.0,
            "output": "a b\n",
            "exit_code": 0,
            "seconds": 0.5,
            "timed_out": False,
            "dropped": 7,
        },
        asked(2, [said("I look.", LOOK), told("call_1", "a b\n")], of=1, kept=2),
        answered(2, said("Done.", HAND_IN)),
        {"kind": "submit", "answer": "42", "error": "Submitted: submitted"},
        {"kind": "score", "score": 0.75, "notes": [], "output": {"stdout": "well done"}},
    ]
)


def plan(task: str = "adding/two", run: int = 1, agent: str = "gpt", **more: Any) -> PlannedRun:
    """Return a planned run."""
    return make_plan(make_task(task, **more), run, agent)


def write_transcript(folder: Path, record: RunRecord, events: Iterable[Any]) -> RunRecord:
    """Write the transcript of a run; what is no mapping is written as it is. Returns the record that names it."""
    path = folder / "transcripts" / f"{record.run_id}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return replace(record, transcript=f"transcripts/{path.name}")


def write_session(
    folder: Path,
    *records: RunRecord,
    planned: Sequence[PlannedRun] = (),
    agents: Sequence[AgentSpec] = (),
    **session: Any,
) -> Path:
    """Write the folder of a session with these records, and return it."""
    facts = {"exit_status": "no failures", **session}
    write_json(folder / "report.json", report_of(planned, records, session=make_session(*agents, **facts)))
    return folder


def exported(folder: Path, out: Path, **options: Any) -> list[EvalLog]:
    """Export a session and return its logs, read back with what is kept apart in them put in its place."""
    written = export_session(read_session(folder), out, **options)
    return [read_eval_log(log.file, resolve_attachments=True) for log in written]


def the_sample(
    tmp_path: Path,
    record: RunRecord,
    events: Iterable[Any] | None = CONVERSATION,
    findings: Mapping[str, Finding] | None = None,
) -> EvalSample:
    """Export a session of one run and return its sample as it is read back."""
    folder = tmp_path / "session"
    if events is not None:
        record = write_transcript(folder, record, events)
    [log] = exported(write_session(folder, record), tmp_path / "logs", findings=findings)
    assert log.samples is not None
    [sample] = log.samples
    return sample
