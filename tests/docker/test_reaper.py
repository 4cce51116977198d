"""The reaper removes what is ours and whose owner is dead, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest
from docker.errors import NotFound

from pytest_metr.commands.clean import clean_engine
from pytest_metr.sandbox.docker import DockerProvider, labels
from pytest_metr.sandbox.docker.engine import Engine, connect
from pytest_metr.sandbox.docker.labels import container_labels
from pytest_metr.sandbox.docker.network import network_for, remove_network
from pytest_metr.sandbox.docker.reaper import left_behind, reap
from pytest_metr.sandbox.owner import mark
from pytest_metr.sandbox.reaping import clear_away

#: Makes a container by hand with labels, and returns its id.
Maker = Callable[..., str]
ELSEWHERE = " ".join([*mark().split()[:4], "elsewhere/1234"])


@pytest.fixture
def make(engine: Engine, snapshot: str) -> Iterator[Maker]:
    made = []

    def container(owner: str | None = None, *, lifetime: float = 3600, network: str = "none") -> str:
        given = {} if owner is None else {**container_labels("tests-reaper", lifetime, label="x"), labels.OWNER: owner}
        config = engine.api.create_host_config(network_mode=network)
        made.append(engine.api.create_container(snapshot, ["true"], labels=given, host_config=config)["Id"])
        return str(made[-1])

    yield container
    for one in made:
        with suppress(NotFound):
            engine.api.remove_container(one, force=True)


@pytest.fixture(scope="module")
def dead() -> str:
    """The mark of a process that has ended."""
    code = "from pytest_metr.sandbox.owner import mark; print(mark())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def there(engine: Engine) -> set[str]:
    return {entry["Id"] for entry in engine.api.containers(all=True)}


def are_gone(engine: Engine, containers: set[str]) -> bool:
    """Whether they are gone, where another reaper is just removing some of them a moment later."""
    deadline = time.monotonic() + 30
    while containers & there(engine):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_only_what_the_dead_left_and_what_is_overdue_is_removed(make: Maker, dead: str, engine: Engine) -> None:
    gone = {make(dead), make(ELSEWHERE, lifetime=-10)}
    kept = {make(mark()), make(mark(), lifetime=-10), make(ELSEWHERE), make(""), make("garbage", lifetime=-10), make()}
    found = {leftover.id: str(leftover) for leftover in left_behind(engine)}
    assert not kept & found.keys()
    # The session of another test, which ends just now, may have removed some of them already.
    assert gone & there(engine) <= found.keys()
    assert all("session tests-reaper" in found[one] for one in gone & found.keys())
    reap(engine)
    assert are_gone(engine, gone)
    assert kept <= there(engine)


def test_an_image_made_of_a_container_of_ours_makes_no_container_of_ours(
    make: Maker, engine: Engine, snapshot: str
) -> None:
    container = make()
    assert engine.api.inspect_container(container)["Config"]["Labels"][labels.OWNER] == ""
    assert engine.api.inspect_image(snapshot)["Config"]["Labels"][labels.SESSION] == ""
    reap(engine)
    assert container in there(engine)


def test_reapers_at_the_same_time_do_not_disturb_each_other(make: Maker, dead: str, engine: Engine) -> None:
    gone = {make(dead) for _ in range(6)}

    def one(_: int) -> list[str]:
        with closing(connect()) as own:
            return reap(own)

    with ThreadPoolExecutor(4) as pool:
        lines = [line for removed in pool.map(one, range(4)) for line in removed if "tests-reaper" in line]
    assert len(lines) == len(set(lines))
    assert are_gone(engine, gone)


def test_our_network_is_removed_when_no_container_has_it_and_not_before(make: Maker, engine: Engine) -> None:
    network = network_for(engine, internet=True)
    assert network_for(engine, internet=True) == network
    container = make(network=network)  # which is never started: the engine itself would not count it
    assert remove_network(engine) == []
    engine.api.remove_container(container)
    # Or another session has begun to use it, or was faster.
    assert remove_network(engine) in (["network pytest-metr"], [])


def test_processes_that_need_the_network_at_once_get_the_same() -> None:
    def one(_: int) -> str:
        with closing(connect()) as own:
            return network_for(own, internet=True)

    with closing(connect()) as engine, ThreadPoolExecutor(6) as pool:
        remove_network(engine)
        list(pool.map(one, range(6)))
        assert len({network_for(engine, internet=True) for _ in range(3)}) == 1
        remove_network(engine)


def test_an_engine_that_is_gone_is_told_of_and_nothing_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    trouble = clear_away(containers=True).trouble
    assert trouble is not None
    assert "\n" not in trouble
    assert "no engine is running" in trouble
    assert clear_away(containers=False).trouble is None
    cleaning = clean_engine(dry_run=True, images=True)
    assert cleaning.found == ()
    assert cleaning.engine is not None


def test_the_command_removes_what_it_said_it_would(
    make: Maker, dead: str, engine: Engine, provider: DockerProvider, snapshot: str
) -> None:
    container = make(dead)
    family = provider.snapshot("to be removed", lambda _: None)
    make(mark())  # of the image of `snapshot`, which has to stay then, and its machine image too
    before = clean_engine(dry_run=True, images=True)
    assert family in before.found
    assert snapshot not in before.found
    assert before.removed == ()
    clean_engine(dry_run=False, images=False)
    assert are_gone(engine, {container})
    assert engine.api.inspect_image(family)
