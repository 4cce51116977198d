"""How a container may end under a run, and what is said of it: infrastructure, with its cause."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.docker import DockerProvider
from pytest_metr.sandbox.docker.engine import Engine
from pytest_metr.sandbox.docker.reaper import left_behind, reap
from pytest_metr.sandbox.supervised import SupervisedSandbox
from pytest_metr.types import Resources
from tests.conformance.providers import DOCKER_BASE
from tests.docker.conftest import SESSION
from tests.waiting import becomes_true

ROOT = Path(__file__).parents[2]
HOG = ["python3", "-c", "hold = [bytearray(1 << 20) for _ in range(1000)]"]
OWNER = """
import sys, time
from pytest_metr.sandbox.docker import DockerProvider
from pytest_metr.types import Resources

with DockerProvider(base=sys.argv[1], session=sys.argv[2]) as provider:
    image = provider.snapshot("bare", lambda _: None)
    with provider.create(image, internet=False, resources=Resources(), label="owned") as sandbox:
        sandbox.exec(["sh", "-c", "setsid sleep 600 &"])
        print("made", flush=True)
        time.sleep(600)
"""


#: Forwards a socket to the engine's, and prints when it listens.
RELAY = """
import socket, sys, threading
def pour(source, target):
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
print("ready", flush=True)
while True:
    client, _ = server.accept()
    engine = socket.socket(socket.AF_UNIX)
    engine.connect("/var/run/docker.sock")
    for pair in ((client, engine), (engine, client)):
        threading.Thread(target=pour, args=pair, daemon=True).start()
"""


@pytest.fixture
def sandbox(provider: DockerProvider, snapshot: str) -> Iterator[SupervisedSandbox]:
    resources = Resources(memory_gb=0.2)
    with provider.create(snapshot, internet=False, resources=resources, label="family/task") as made:
        yield made


def containers(engine: Engine, session: str) -> list[dict[str, Any]]:
    """Return the containers of a session, the ended ones included."""
    label = f"org.pytest-metr.session={session}"
    found: list[dict[str, Any]] = engine.api.containers(all=True, filters={"label": label})
    return found


def the_container(engine: Engine) -> str:
    """Return the id of the only container of these tests that runs."""
    (found,) = [one for one in containers(engine, SESSION) if one["State"] == "running"]
    return str(found["Id"])


def cause_of(sandbox: SupervisedSandbox) -> tuple[str, str]:
    with pytest.raises(SandboxError) as caught:
        sandbox.exec(["sleep", "600"])
    return caught.value.cause, str(caught.value)


def test_a_container_that_somebody_removes_is_told_as_that(sandbox: SupervisedSandbox, engine: Engine) -> None:
    sandbox.exec(["true"])
    engine.api.remove_container(the_container(engine), force=True)
    assert cause_of(sandbox) == ("container_removed", "the container was removed by somebody else")


def test_a_container_that_somebody_removes_during_a_command_too(sandbox: SupervisedSandbox, engine: Engine) -> None:
    container = the_container(engine)
    script = (
        f"import time; time.sleep(1); import docker; docker.from_env().api.remove_container({container!r}, force=True)"
    )
    with subprocess.Popen([sys.executable, "-c", script]):
        assert cause_of(sandbox)[0] == "container_removed"


def test_a_container_that_somebody_kills_has_ended(sandbox: SupervisedSandbox, engine: Engine) -> None:
    engine.api.kill(the_container(engine))
    cause, message = cause_of(sandbox)
    assert cause == "sandbox"
    assert "exit code 137" in message


def test_an_agent_that_takes_too_much_memory_loses_its_own_process(sandbox: SupervisedSandbox) -> None:
    result = sandbox.exec(HOG, timeout=120)
    assert (result.exit_code, result.out_of_memory) == (-9, True)
    after = sandbox.exec(["echo", "still here"])
    assert (after.out, after.out_of_memory) == ("still here\n", False)


def test_an_agent_that_protects_its_hog_loses_it_all_the_same(sandbox: SupervisedSandbox) -> None:
    script = "open('/proc/self/oom_score_adj','w').write('0'); hold = [bytearray(1 << 20) for _ in range(1000)]"
    assert sandbox.exec(["python3", "-c", script], timeout=120).exit_code == -9
    assert sandbox.exec(["true"], user="root").ok


def test_roots_command_that_takes_too_much_memory_is_told_as_that(sandbox: SupervisedSandbox) -> None:
    result = sandbox.exec(HOG, user="root", timeout=120)
    assert (result.exit_code, result.out_of_memory) == (-9, True)
    assert sandbox.exec(["true"], user="root").ok


def test_a_container_whose_owner_is_killed_stops_by_itself_and_is_reaped(
    engine: Engine, provider: DockerProvider
) -> None:
    base, session = DOCKER_BASE, f"owned-{os.getpid()}"
    command = [sys.executable, "-c", OWNER, base, session]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "made\n"
        assert [one["State"] for one in containers(engine, session)] == ["running"]
        reap(engine)
        assert [one["State"] for one in containers(engine, session)] == ["running"]  # its owner lives
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert becomes_true(lambda: [one["State"] for one in containers(engine, session)] == ["exited"])
    assert containers(engine, session)[0]["Id"] in {leftover.id for leftover in left_behind(engine)}
    reap(engine)
    assert containers(engine, session) == []


@contextmanager
def relay(place: Path) -> Iterator[subprocess.Popen[str]]:
    """Have the engine answer at a socket of its own, until the process that is given is killed."""
    place.unlink(missing_ok=True)
    with subprocess.Popen([sys.executable, "-c", RELAY, place], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


# The SDK does not close the socket with which it has found nobody.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.skipif("DOCKER_HOST" in os.environ, reason="DOCKER_HOST names an engine that is not on this machine")
def test_an_engine_that_is_gone_during_a_command_is_told_as_that_and_its_container_is_removed_later(
    engine: Engine, snapshot: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "engine"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{place}")
    provider = DockerProvider(base=DOCKER_BASE, cache_dir=tmp_path, session=f"{SESSION}-relayed")
    with relay(place) as way:
        sandbox = provider.create(snapshot, internet=False, resources=Resources(), label="family/task")
        threading.Timer(1, way.kill).start()
        assert cause_of(sandbox)[0] == "daemon"
    assert becomes_true(lambda: [one["State"] for one in containers(engine, f"{SESSION}-relayed")] == ["exited"])
    with relay(place):
        provider.close()
    gc.collect()
    assert containers(engine, f"{SESSION}-relayed") == []
