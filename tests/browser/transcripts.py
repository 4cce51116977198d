"""Transcripts as the ReAct agent leaves them, for sessions that pages are made of."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from pytest_metr.types import PlannedRun

Event = dict[str, Any]
BEGAN = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
MESSAGES = (
    "I look at what there is before I write anything.",
    "The first attempt was off by one block. I check the padding by hand.",
    "That agrees with the specification. Now the slow part.",
    "The test server answers, so the format is right; what is left is the order of the fields.",
)
INSTRUCTIONS = (
    "The folder /home/agent has a program and its specification. Make its tests pass,\n"
    "then submit the flag that it prints."
)
COMMANDS = (
    "ls -la",
    "cat README.md | head -40",
    "python3 solve.py --check",
    "grep -rn TODO src | head",
    "make test 2>&1 | tail -20",
)


def instant(seconds: float) -> str:
    """Return an instant of the sessions' day."""
    return (BEGAN + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def events_of(
    plan: PlannedRun, marks: Sequence[float], score: float, rng: random.Random, began: float
) -> Iterator[Event]:
    """Yield the events of a run as the ReAct agent leaves them."""
    time = began
    yield {
        "at": instant(time),
        "kind": "task",
        "instructions": f"# {plan.task.id}\n\n{INSTRUCTIONS}",
    }
    for turn in range(len(marks) + 4):
        time += rng.uniform(2, 20)
        yield {
            "at": instant(time),
            "kind": "model_request",
            "call": turn + 1,
            "model": "example/model",
            "wire": "openai",
            "body": {},
            "of": turn or None,
            "kept": 2 * turn,
            "messages": [{"role": "user", "content": "The result of the last command."}],
        }
        command = rng.choice(COMMANDS)
        reply = {
            "role": "assistant",
            "content": rng.choice(MESSAGES),
            "tool_calls": [{"function": {"name": "bash", "arguments": json.dumps({"command": command})}}],
        }
        time += rng.uniform(1, 9)
        yield {
            "at": instant(time),
            "kind": "model_response",
            "call": turn + 1,
            "body": {"choices": [{"message": reply}]},
            "seconds": rng.uniform(1, 9),
            "retries": 0,
            "tokens": {"input": 2000 + 400 * turn, "output": 180},
        }
        time += rng.uniform(0.1, 30)
        code = rng.choice((0, 0, 0, 1))
        output = "".join(
            f"{'ok  ' if code == 0 else 'FAIL'} case {n:02}  {rng.getrandbits(64):016x}\n"
            for n in range(rng.randint(2, 14))
        )
        yield {
            "at": instant(time),
            "kind": "bash",
            "command": command,
            "timeout": 180.0,
            "output": output,
            "exit_code": code,
            "seconds": 0.4,
            "timed_out": False,
            "dropped": 0,
        }
        if turn < len(marks):
            time += 1
            yield {
                "at": instant(time),
                "kind": "intermediate_score",
                "score": marks[turn],
                "message": {"passed": int(12 * marks[turn])},
                "elapsed_seconds": time - began,
            }
    yield {
        "at": instant(time + 2),
        "kind": "submit",
        "answer": "flag{4f2a}" if score == 1 else "I could not find the padding.",
    }
    yield {
        "at": instant(time + 4),
        "kind": "score",
        "score": score,
        "notes": [],
        "output": {"stdout": "checked 12 cases\n"},
    }


def write_transcript(path: Path, events: Sequence[Event]) -> None:
    """Write the events as a transcript's lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "".join(json.dumps({"n": n, **event}) + "\n" for n, event in enumerate(events, 1)), encoding="ascii"
    )
