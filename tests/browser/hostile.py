"""A session in which every word that anybody could have written is meant to do harm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pytest_metr.report.files import write_json
from pytest_metr.types import FailedTry, Failure, Finding, LabelName, ScoreEntry
from tests.unit.report.reading import report, report_run
from tests.unit.report.records import make_plan, make_record, make_task

#: Whatever runs sets a name that the tests look for, or the title, or opens a dialog.
RUN = "ranForeign=1,document.title='ran-foreign',alert(1)"
CORPUS = {
    "script": f"<script>{RUN}</script>",
    "closing": f"</script></pre></textarea></style></title><script>{RUN}</script>",
    "comment": f"<!--<script>--><script>{RUN}</script>-->",
    "half comment": "<!--<script>",
    "handler": f'<img src=x onerror="{RUN}"><svg onload="{RUN}"><body onload={RUN}>',
    "attribute": f'" onmouseover="{RUN}" autofocus onfocus="{RUN}" x=\'',
    "link": f'javascript:{RUN} [x](javascript:{RUN}) <a href="javascript:{RUN}">x</a> https://example.com/',
    "frame": f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe><object data=x><embed src=x><base href=//x.y>',
    "form": '<form action=//example.com><input name=x><meta http-equiv=refresh content="0;url=//example.com">',
    "style": "</style><style>*{display:none}</style><link rel=stylesheet href=//example.com/x> ;} * { display: none }",
    "template": f"${{{RUN}}} {{{{constructor.constructor('{RUN}')()}}}} `${{{RUN}}}` <%= {RUN} %>",
    "json": f'"}}]}}</script><script>{RUN}</script>',
    "lines": f"a\u2028{RUN}\u2029b\u0085c\r{RUN}",
    "nul": f"a\x00<script>{RUN}</script>\x00",
    "surrogate": "half \ud83d and \udc00 alone",
    "ansi": "\x1b[31mred\x1b[0m \x1b[2J\x1b]0;ran-foreign\x07 \x9b31m \x08\x08\x08 \x1b]8;;https://example.com\x1b\\x\x1b]8;;\x1b\\",
    "bidi": "\u202egnp.exe\u202c \u2066x\u2069 a\u200bb \ufeff \U000e0041",
    "tall": "Z" + "\u0301" * 400,
    "wide": "W" * 20_000,
    "prototype": "__proto__",
    "constructor": "constructor",
}
NAMES = tuple(CORPUS.values())
KINDS: tuple[str, ...] = ("run", "task", "start", "model_request", "model_response", "bash", "python", "spawn", "score")
KINDS += ("intermediate_score", "submit", "note", "malformed_call", "error", "limit", "report_note")
#: The data of events that are texts.
TEXTS = ("instructions", "command", "output", "code", "answer", "text", "problem", "name", "arguments", "model")


def word(number: int) -> str:
    """Return a text of the corpus that is told from others by a number at its end."""
    return f"{NAMES[number % len(NAMES)]} #{number}"


def keyed(number: int) -> dict[str, Any]:
    """Return an object whose keys are hostile too; the keys that objects of JavaScript have, among them."""
    keys = (*NAMES[:3], "__proto__", "constructor", "toString", "hasOwnProperty")
    return {key: {"__proto__": {"ranForeign": 1}, "text": word(number)} for key in keys}


def deep(levels: int) -> str:
    """Return JSON that is nested so deeply."""
    return "[" * levels + "]" * levels


def write_hostile(folder: Path) -> dict[str, Finding]:
    """Write the session: a run for each text of the corpus, with the text everywhere. Return what readers say."""
    (folder / "transcripts").mkdir(parents=True)
    runs, findings = [], {}
    for number, text in enumerate(NAMES):
        task = make_task(f"{text[:300]}/{text[:300]}", minutes=2.0**number, version=text[:300], domains=(text[:300],))
        plan = make_plan(task, agent=text[:300] if number % 2 else "gpt")
        name = f"transcripts/{number} <img src=x onerror=ranForeign=1> \u202e'\".jsonl"
        lost = number % 5 == 4
        record = make_record(
            plan,
            "infra_error" if lost else "scored",
            None if lost else float(number % 2),
            bracket=text,
            split=None,
            domains=task.domains,
            model=text,
            human_source=text,
            submission=text,
            scoring_output={"stdout": text, text: text, "exit_code": text},
            notes=(text, word(number)),
            observed={text: 3, "__proto__": 1},
            intermediate_scores=(
                ScoreEntry(score=0.5, message=keyed(number), details=text, scored_at=text, elapsed_seconds=1.0),
            ),
            failure=Failure(kind=text, cause=text, message=text, evidence={text: text}) if lost else None,
            failed_tries=(
                FailedTry(
                    cause=text,
                    message=text,
                    started_at=text,
                    completed_at=text,
                    seconds=None,
                    transcript="../outside.jsonl",
                ),
            ),
            transcript=name,
            started_at=text,
        )
        label: LabelName = "real" if number % 2 else "spurious"
        findings[record.run_id] = Finding(
            run_id=record.run_id, label=None, labels={text: label, "b": "real"}, categories={text: 1}, notes=(text,)
        )
        runs.append(report_run(record))
        (folder / name).write_bytes(transcript(number, text))
    document = report(
        *runs, notes=[*NAMES], gate=a_verdict(), broken_families=[{"path": text, "message": text} for text in NAMES]
    )
    document["coverage"] = {"planned": "<b>1</b>", "finished": "__proto__"}
    document["decisions"] = [{"rule": text, "sentence": text} for text in NAMES]
    document["session"] |= {
        "exit_status": NAMES[0],
        "platform": NAMES[1],
        "command_line": [*NAMES],
        "versions": {text: text for text in NAMES},
    }
    write_json(folder / "report.json", document)
    return findings


def a_verdict() -> dict[str, Any]:
    """Return a gate's verdict with hostile sentences."""
    check = {"name": NAMES[0], "figure": None, "bound": None, "verdict": "unknown", "sentence": NAMES[1]}
    rule = {
        "name": NAMES[2],
        "agent": NAMES[3],
        "metric": NAMES[4],
        "must_stay": "below",
        "threshold": 1.0,
        "margin": 1.0,
        "judged": None,
    }
    rule |= {"estimate": {"value": None}, "verdict": NAMES[5], "sentence": NAMES[6]}
    return {
        "verdict": "failed",
        "sentence": " ".join(NAMES[:8]),
        "gate": NAMES[1],
        "rules": [rule],
        "checks": [check],
        "reasons": [*NAMES],
    }


def transcript(number: int, text: str) -> bytes:
    """Return the bytes of a transcript: each kind of event, and lines that are none."""
    kinds = [*KINDS, text, "__proto__", "constructor"]
    call = {"function": {"name": text, "arguments": text}}
    message = {"role": text, "content": text, "tool_calls": [call], "reasoning_content": text, "refusal": text}
    parts = {
        "content": [
            {"type": "text", "text": text},
            {"type": "tool_use", "name": text, "input": keyed(number)},
            {"type": text},
        ]
    }
    data: dict[str, Any] = {
        **dict.fromkeys(TEXTS, text),
        "score": 0.5,
        "exit_code": text,
        "timed_out": text,
        "dropped": text,
        "seconds": text,
        "tokens": keyed(number),
        "argv": [text, keyed(number)],
        "messages": [message, text, None, parts],
        "body": {"choices": [{"message": message}]} if number % 2 else parts,
        "more": keyed(number),
    }
    lines = [
        json.dumps({"n": n, "at": f"2026-01-01T00:00:{n:02}.000Z", "kind": kind, **data})
        for n, kind in enumerate(kinds)
    ]
    lines += [
        text.replace("\n", " ").encode("utf-8", "replace").decode(),
        "{",
        "[]",
        "null",
        '{"kind": 5}',
        '{"kind": "note", "text": NaN}',
    ]
    lines += [f'{{"kind": "note", "text": {deep(5000)}}}', json.dumps({"kind": "note", "text": "x" * 1_000_000})]
    lines += [
        '{"kind": "bash", "command": 1e999, "output": {"a": [12345678901234567890]}, "at": {}}',
        '{"kind": "note", "text": "the end"}',
    ]
    return "\n".join(lines).encode("utf-8", "replace") + b'\n\xff\xfe\x00{"kind": "torn'
