"""What it costs to make the page of a large session, and to look at it.

    python -m benchmarks.report

The session has 2,000 runs with 100 MB of transcripts. Made are one file and one folder. The file is opened in a
headless Chromium (``chromium`` on the path, or ``METR_TEST_CHROMIUM``), which is asked how long it took to the first
contentful paint, and how long a click on a run took until its transcript was painted. These bounds are seconds, not
ratios: they are what a person waits.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure, conclude
from pytest_metr.protocol import load_protocol
from pytest_metr.report.files import write_json
from pytest_metr.types import Record, RunRecord, now

RUNS, TASKS, BYTES = 2_000, 250, 100_000_000
MEBIBYTE = 2**20
#: Starts a command and tells its seconds by the clock and its peak memory. A process of its own, because the peak of a
#: child begins with that of the process that it was split off.
WATCH = """
import json, os, sys, time
begin = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
_, status, usage = os.wait4(child, 0)
print(json.dumps({"seconds": time.perf_counter() - begin, "peak": usage.ru_maxrss * 1024,
                  "status": os.waitstatus_to_exitcode(status)}))
"""
#: Runs in the page: clicks on the link of a run, and waits until its first event and the frame after it are there.
OPEN = """place => new Promise(resolve => {
  const link = document.querySelectorAll("#run-table tbody th a")[place];
  const begin = performance.now();
  const look = () => document.querySelector(".event")
    ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begin)))
    : setTimeout(look, 1);
  link.click();
  look();
})"""
PAINT = """() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime"""


def write_session(folder: Path) -> None:
    """Write the session."""
    rng = random.Random(7)
    words = [f"{rng.getrandbits(40):x}" for _ in range(4000)]
    (folder / "transcripts").mkdir(parents=True)
    runs = []
    for number in range(RUNS):
        record = a_run(number, rng)
        runs.append({**record.to_json(), "success": record.success, "weight": 1 / RUNS})
        write_transcript(folder / str(record.transcript), rng, words)
    agent = {"name": "steady", "kind": "react", "model": "example/steady", "identity": "a" * 64, "settings": {}}
    session: dict[str, Any] = {
        "started_at": now(),
        "ended_at": now(),
        "command_line": ["tasks"],
        "exit_status": "failures",
        "versions": {},
        "platform": "",
        "sandbox": None,
        "weighting": "invsqrt_family",
        "runs_per_task": RUNS // TASKS,
        "agents": [agent],
    }
    document = {"schema": "pytest-metr/report", "schema_version": 2, "session": session, "runs": runs}
    plain: Record = load_protocol("plain")
    write_json(folder / "report.json", {**document, "protocol": plain.to_json(), "broken_families": [], "notes": []})


def a_run(number: int, rng: random.Random) -> RunRecord:
    """Return a run, whose chance falls with the human minutes of its task."""
    task, run = number % TASKS, number // TASKS + 1
    minutes = 2.0 ** (task % 12)
    won = rng.random() < 1 / (1 + minutes / 40)
    return RunRecord(
        run_id=f"family{task % 25}.task{task}.steady.run{run}",
        nodeid=f"tasks/family{task % 25}.py::task{task}[run{run}]",
        task_id=f"family{task % 25}/task{task}",
        family=f"family{task % 25}",
        family_hash="f" * 64,
        task_version="1.0.0",
        run=run,
        agent="steady",
        agent_identity="a" * 64,
        model="example/steady",
        scaffold=None,
        status="scored",
        score=float(won),
        success_threshold=0.9,
        human_minutes=minutes,
        human_source="estimate",
        bracket=load_protocol("plain").bracket_of(minutes),
        domains=("cybersecurity",),
        submission="flag",
        transcript=f"transcripts/{number}.jsonl",
        started_at=now(),
        completed_at=now(),
    )


def write_transcript(path: Path, rng: random.Random, words: Sequence[str]) -> None:
    """Write a transcript of the size that each has on average, half of it outputs that hardly repeat."""
    size, call = 0, 0
    with path.open("w", encoding="ascii") as file:
        while size < BYTES // RUNS:
            call += 1
            output = "\n".join(" ".join(rng.choices(words, k=8)) for _ in range(24))
            events = (
                {
                    "kind": "model_request",
                    "call": call,
                    "model": "example/steady",
                    "messages": [{"role": "tool", "content": output}],
                },
                {"kind": "model_response", "call": call, "body": {"choices": [{"message": {"content": "I go on."}}]}},
                {"kind": "bash", "command": "make test", "output": output, "exit_code": 0},
            )
            for event in events:
                size += file.write(json.dumps({"n": 3 * call, "at": now(), **event}) + "\n")


def watched(*arguments: str) -> dict[str, float]:
    """Run the command ``pytest-metr`` in a process of its own; return its seconds and its peak memory in bytes."""
    command = [sys.executable, "-m", "pytest_metr", *arguments]
    done = subprocess.run([sys.executable, "-c", WATCH, *command], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    if found["status"] != 0:
        raise RuntimeError(f"{command} ended with {found['status']}: {done.stderr}")
    return found


def looked_at(page: Path) -> tuple[float, list[float]]:
    """Open the page and some of its runs; return the seconds to the first paint, and those of each run."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("METR_TEST_CHROMIUM") or shutil.which("chromium")
    if program is None:
        raise RuntimeError("expected chromium on the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.goto(page.as_uri())
        painted = float(tab.evaluate(PAINT)) / 1000
        opened = []
        for place in range(0, 60, 5):
            tab.locator("#run-table tbody th a").nth(place).wait_for()
            opened.append(float(tab.evaluate(OPEN, place)) / 1000)
            tab.go_back()
        browser.close()
    return painted, opened


def main() -> int:
    """Measure, print, and return 0 where all figures keep their bounds."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, file = Path(scratch, "session"), Path(scratch, "report.html")
        write_session(folder)
        size = sum(path.stat().st_size for path in (folder / "transcripts").iterdir())
        one, many = (watched("report", str(folder), "-o", str(page)) for page in (file, Path(scratch, "report")))
        painted, opened = looked_at(file)
        detail = f"{size / 1e6:.0f} MB of transcripts become {file.stat().st_size / 1e6:.0f} MB"
    figures = [
        Figure(name="one file, made in", value=one["seconds"], bound=20, unit="s", detail=detail),
        Figure(name="one file, peak memory", value=one["peak"] / MEBIBYTE, bound=300, unit="MiB"),
        Figure(name="a folder, made in", value=many["seconds"], bound=20, unit="s"),
        Figure(name="a folder, peak memory", value=many["peak"] / MEBIBYTE, bound=300, unit="MiB"),
        Figure(name="first contentful paint", value=painted, bound=1, unit="s"),
        Figure(
            name="a transcript opened, the slowest of 12",
            value=max(opened),
            bound=0.3,
            unit="s",
            detail=f"median {statistics.median(opened):.3f} s",
        ),
    ]
    return conclude(f"report: {RUNS} runs of {TASKS} tasks", figures)


if __name__ == "__main__":
    sys.exit(main())
