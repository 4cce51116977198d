"""50 no-op runs of a trivial family in containers at ``-n 2``, against a bare loop of the SDK in two processes.

    METR_TEST_DOCKER_BASE=IMAGE python -m benchmarks.docker_overhead

The bare loop makes the same containers from the same image with the same settings, runs the same commands in them by
``docker exec`` with the same standard input, and removes them: without supervision, records or transcripts.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import Overhead, conclude, in_processes, write_family
from pytest_metr.collect import read_family
from pytest_metr.interfaces import Sandbox
from pytest_metr.sandbox.docker import DockerProvider
from pytest_metr.sandbox.docker.engine import Engine, connect
from pytest_metr.sandbox.docker.network import network_for
from pytest_metr.sandbox.docker.provider import MAX_PROCESSES
from pytest_metr.sandbox.docker.settings import host_config
from pytest_metr.standard import Lifecycle, Timeouts, build_family, layout_key, read_task_data
from pytest_metr.types import ExecResult, Resources, TaskSpec

RUNS = 50
PROCESSES = 2
ROUNDS = 1
BOUND_RUNS = 1.5
BOUND_ALL = 2.0


@dataclass(frozen=True, kw_only=True)
class Command:
    """One execution: what the SDK is asked to do for it."""

    argv: Sequence[str]
    user: str
    cwd: str | None
    env: Mapping[str, str]
    stdin: bytes


class Recorder:
    """A sandbox that passes everything on and takes note of every command and every look at a file."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.commands: list[Command] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)

    def exec(self, argv: Sequence[str], *, user: str = "agent", **more: Any) -> ExecResult:
        """Run a command and take note of it."""
        self.commands.append(
            Command(
                argv=argv,
                user=user,
                cwd=more.get("cwd"),
                env=more.get("env") or {},
                stdin=more.get("stdin", b""),
            )
        )
        return self._sandbox.exec(argv, user=user, **more)  # type: ignore[arg-type]

    def read_file(self, path: str, *, user: str = "root", limit: int | None = None) -> bytes:
        """Read a file and take note of it as the command that would show it."""
        self.commands.append(Command(argv=["cat", path], user=user, cwd=None, env={}, stdin=b""))
        return self._sandbox.read_file(path, user=user, limit=limit)  # type: ignore[arg-type]


def record(folder: Path, base: str) -> tuple[str, list[Command]]:
    """Make one run; return the image of the family and the commands of the run."""
    family, timeouts = read_family(folder), Timeouts()
    task: TaskSpec = family.task(next(iter(family.manifest_tasks or ())))
    with DockerProvider(base=base) as provider:
        image = provider.snapshot(
            layout_key(family.hash), lambda s: build_family(s, family.dir, secrets={}, timeouts=timeouts)
        )
        with provider.create(image, internet=False, resources=Resources(), label="record") as sandbox:
            recorder: Any = Recorder(sandbox)
            data = read_task_data(recorder, task, secrets={}, timeouts=timeouts)
            lifecycle = Lifecycle(recorder, task, data, secrets={}, timeouts=timeouts)
            lifecycle.start()
            lifecycle.final_score("")
            lifecycle.teardown()
            return image, recorder.commands


def bare_runs(image: str, commands: Sequence[Command], count: int) -> None:
    """Make *count* runs one after the other, as directly as the SDK does it."""
    engine = connect()
    try:
        for _ in range(count):
            bare_run(engine, image, commands)
    finally:
        engine.close()


def bare_run(engine: Engine, image: str, commands: Sequence[Command]) -> None:
    """Make one run: create, start, execute, remove."""
    api = engine.api
    network = network_for(engine, internet=False)
    config, _ = host_config(engine, Resources(), network=network, max_processes=MAX_PROCESSES)
    container = api.create_container(image, ["sleep", "3600"], host_config=config)["Id"]
    try:
        api.start(container)
        for command in commands:
            execute(engine, container, command)
    finally:
        api.remove_container(container, force=True, v=True)


def execute(engine: Engine, container: str, command: Command) -> None:
    """Run one command with its standard input, and take its output and its exit status."""
    api = engine.api
    made = api.exec_create(
        container,
        list(command.argv),
        user=command.user,
        workdir=command.cwd,
        environment=dict(command.env),
        stdin=bool(command.stdin),
    )["Id"]
    if command.stdin:
        stream = api.exec_start(made, socket=True)
        stream._sock.sendall(command.stdin)
        stream._sock.shutdown(socket.SHUT_WR)
        while stream._sock.recv(65536):
            continue
        stream.close()
    else:
        api.exec_start(made, demux=True)
    api.exec_inspect(made)


def main() -> int:
    """Measure, print, and return the exit status."""
    base = os.environ["METR_TEST_DOCKER_BASE"]
    names = [f"task_{n:03}" for n in range(RUNS)]
    options = ("-n", str(PROCESSES), "--agent=noop", "-q", "--sandbox=docker", f"--metr-docker-base={base}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        write_family(root, "trivial", names)
        image, commands = record(root / "trivial", base)  # the image is made once, before anything is measured
        shares = [(image, commands, RUNS // PROCESSES)] * PROCESSES
        overhead = Overhead.measured(root, options, lambda: in_processes(bare_runs, shares), rounds=ROUNDS)
    runs = f"{RUNS} runs of {len(commands)} commands"
    figures = overhead.figures(bound_runs=BOUND_RUNS, bound_all=BOUND_ALL, runs=runs)
    return conclude("docker_overhead", figures)


if __name__ == "__main__":
    sys.exit(main())
