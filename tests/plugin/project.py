"""A small repository with task families, in which pytest is run as a person would run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from tests.conformance.providers import DOCKER_BASE

#: A family of tasks whose score is the number that is submitted, 0 for anything else.
NUMBERS = """
class TaskFamily:
    @staticmethod
    def get_tasks():
        return {name: {"name": name} for name in ["one", "two", "three"]}

    @staticmethod
    def get_instructions(t):
        return f"Submit a number for {t['name']}."

    @staticmethod
    def score(t, submission):
        print("scoring", t["name"])
        try:
            return float(submission)
        except ValueError:
            return 0.0
"""

#: A task whose score the agent may ask for while it works: 1 once it has written 7 to a file.
GUESS = """
from pathlib import Path

GUESS = Path("/home/agent/guess")


class TaskFamily:
    standard_version = "0.5.0"

    @staticmethod
    def get_tasks():
        return {"main": {}}

    @staticmethod
    def get_instructions(t):
        return "Write 7 to guess."

    @staticmethod
    def intermediate_score(t):
        right = GUESS.exists() and GUESS.read_text().strip() == "7"
        return {"score": float(right), "message": {"right": right}, "details": {"secret": "details"}}

    @staticmethod
    def aggregate_scores(t, score_log):
        return max(entry["score"] for entry in score_log)
"""


#: Options by which a run is tried again at once.
AT_ONCE = ("-o", "metr_infra_backoff=0")


class Project:
    """A folder with ``tasks/`` and ``agents/``.

    :param environment: added to the environment of every pytest that is run in it.
    """

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self.root = root
        self.environment = dict(environment)
        self.out = root / "out"
        # Nothing here depends on which sandbox it is; bubblewrap's starts soonest, and looks for no engine.
        options = "--strict-markers -p no:cacheprovider -p no:hypothesispytest --sandbox=bubblewrap"
        (root / "pytest.ini").write_text(f"[pytest]\naddopts = {options}\n", encoding="utf-8")

    def use(self, provider: str) -> None:
        """Let sandboxes be a provider's, and be built by what this machine's own programs reach the network by."""
        lines = [
            "[pytest]",
            f"addopts = -p no:cacheprovider -p no:hypothesispytest --sandbox={provider}",
            f"metr_docker_base = {DOCKER_BASE}",
            "metr_build_env =",
            *(f"    {name}" for name in ("PIP_INDEX_URL", "HTTPS_PROXY", "https_proxy")),
        ]
        if bundle := os.environ.get("SSL_CERT_FILE"):
            lines.append(f"metr_build_ca_bundle = {bundle}")
        (self.root / "pytest.ini").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def family(
        self, name: str, source: str = NUMBERS, *, tasks: Mapping[str, Any] | None = None, folder: str = "tasks"
    ) -> Path:
        """Write a family; *tasks* is its manifest's section of that name, and no manifest is made without one."""
        path = self.root / folder / name
        path.mkdir(parents=True)
        (path / f"{name}.py").write_text(source, encoding="utf-8")
        if tasks is not None:
            manifest = {"version": "1.0.0", "tasks": dict(tasks)}
            (path / "manifest.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
        return path

    def agent(self, name: str, submissions: Mapping[str, str], **fields: Any) -> None:
        """Write an agent that submits what is given for each task id."""
        folder = self.root / "agents"
        folder.mkdir(exist_ok=True)
        recording = {task: {"actions": [], "submission": text} for task, text in submissions.items()}
        (folder / f"{name}.json").write_text(json.dumps(recording), encoding="utf-8")
        document = {"kind": "replay", "file": f"{name}.json", **fields}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a pytest run with these arguments."""
        return [sys.executable, "-m", "pytest", *arguments]

    @contextmanager
    def start(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Start pytest in a process group of its own, of which nothing is left after the ``with`` block."""
        process = subprocess.Popen(
            self.command(*arguments),
            cwd=self.root,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def pytest(self, *arguments: str, timeout: float = 180) -> Result:
        """Run pytest to its end."""
        with self.start(*arguments) as process:
            output, _ = process.communicate(timeout=timeout)
        return Result(process.returncode, output)

    def run(self, *arguments: str, agent: str = "noop") -> Result:
        """Run all families with an agent, results in :attr:`out`, without a pause before a run is tried again."""
        return self.pytest("tasks", f"--agent={agent}", f"--metr-out={self.out}", *AT_ONCE, *arguments)

    def tool(self, *arguments: str, timeout: float = 180) -> Result:
        """Run the command ``pytest-metr`` to its end, wide enough that no sentence is broken."""
        done = subprocess.run(
            [sys.executable, "-m", "pytest_metr", *arguments],
            cwd=self.root,
            env={**os.environ, **self.environment, "COLUMNS": "400"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Result(done.returncode, done.stdout)

    def fresh(self) -> None:
        """Let the next :meth:`run` have another folder for its results."""
        self.out = self.out.with_name(f"{self.out.name}-next")

    def events(self, task_id: str) -> list[dict[str, Any]]:
        """Return the transcript of the only run of a task in the last :meth:`run`."""
        [run] = [run for run in self.report()["runs"] if run["task_id"] == task_id]
        lines = (self.out / run["transcript"]).read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def report(self) -> dict[str, Any]:
        """Return the report of the last :meth:`run`."""
        document: dict[str, Any] = json.loads((self.out / "report.json").read_text(encoding="utf-8"))
        return document

    def runs(self) -> dict[str, dict[str, Any]]:
        """Return the runs of the last :meth:`run` by node id."""
        return {run["nodeid"]: run for run in self.report()["runs"]}

    def journal(self) -> list[dict[str, Any]]:
        """Return the run lines of the journal."""
        lines = (self.out / "journal.jsonl").read_text(encoding="utf-8").splitlines()
        return [line for line in map(json.loads, lines) if line["kind"] == "run"]


class Result:
    """What a pytest run printed, and its exit status."""

    def __init__(self, status: int, output: str) -> None:
        self.status = status
        self.output = output

    @property
    def flat(self) -> str:
        """The output with a single space in the place of all white space."""
        return " ".join(self.output.split())

    def lines(self, *wanted: str) -> None:
        """Assert that each text stands in the output."""
        missing = [text for text in wanted if text not in self.output]
        assert not missing, f"missing {missing} in:\n{self.output}"

    def collected(self) -> list[str]:
        """Return the node ids that ``--collect-only -q`` printed."""
        return [line for line in self.output.splitlines() if "::" in line]


def statuses(runs: Mapping[str, Mapping[str, Any]]) -> Sequence[tuple[str, str, float | None]]:
    """Return what is compared between two reports: node id, status and score."""
    return sorted((nodeid, run["status"], run["score"]) for nodeid, run in runs.items())
