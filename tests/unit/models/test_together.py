"""Many processes at one server: nothing is lost, and rates hold over all of them."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.agent.models import Message, Request
from pytest_metr.agent.models.pool import Pool
from pytest_metr.agent.models.settings import Rate
from tests.servers import ScriptedServer, said
from tests.unit.models.bench import Run

ASK = Request(model="m", messages=(Message(role="user", text="Say yes."),), max_tokens=100)
#: Seconds that a worker is given, on a machine that has much else to do.
LONG = 120.0
WORKERS, TIMES = 8, 4


def ask_often(start: Barrier, folder: str, url: str, settings: dict[str, Any]) -> None:
    """Be a worker: ask so many times, and fail where an answer is lost."""
    run = Run(Path(folder), url, most=1000, **settings)
    start.wait(LONG)
    for _ in range(TIMES):
        assert run.caller.ask(ASK).message.text == "yes"


def hold_a_place(held: Event, folder: str) -> None:
    """Be a worker that hangs while it has a place."""
    with Pool(Path(folder), "server", Rate(connections=1)).place(tokens=1, check=lambda: None):
        held.set()
        signal.pause()


@pytest.fixture
def context() -> ForkServerContext:
    """What workers are made by, with the makers' packages loaded once for all of them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "openai.resources.chat.completions"])
    return context


@contextmanager
def ended(processes: list[ForkServerProcess]) -> Iterator[None]:
    """Start processes, and have none of them left in the end."""
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()
            process.close()


def exit_codes(context: ForkServerContext, folder: Path, url: str, settings: dict[str, Any]) -> list[int | None]:
    """Have all workers ask at once, and return how each of them ended."""
    start = context.Barrier(WORKERS)
    workers = [context.Process(target=ask_often, args=(start, str(folder), url, settings)) for _ in range(WORKERS)]
    with ended(workers):
        for worker in workers:
            worker.join(LONG)
        return [worker.exitcode for worker in workers]


@pytest.mark.parametrize("retry_after", [None, "0.1"])
def test_eight_workers_at_a_server_that_allows_four_lose_nothing(
    context: ForkServerContext, retry_after: str | None, tmp_path: Path
) -> None:
    with ScriptedServer([said("yes")], allowed=4, seconds=0.3, retry_after=retry_after) as server:
        assert exit_codes(context, tmp_path, server.url, {}) == [0] * WORKERS
    assert len(server.asked) == WORKERS * TIMES
    assert server.refused > 0


def test_eight_workers_that_keep_to_four_connections_are_never_refused(
    context: ForkServerContext, tmp_path: Path
) -> None:
    rate = Rate(connections=4).to_json()
    with ScriptedServer([said("yes")], allowed=4, seconds=0.3) as server:
        assert exit_codes(context, tmp_path, server.url, {"rate": rate}) == [0] * WORKERS
    assert (len(server.asked), server.refused) == (WORKERS * TIMES, 0)
    assert 1 < server.most_at_once <= 4


def test_a_worker_that_is_killed_gives_its_place_back(context: ForkServerContext, tmp_path: Path) -> None:
    class Full(Exception):
        pass

    def full() -> None:
        raise Full

    held = context.Event()
    holder = context.Process(target=hold_a_place, args=(held, str(tmp_path)))
    ours = Pool(tmp_path, "server", Rate(connections=1))
    with ended([holder]):
        assert held.wait(LONG)
        with pytest.raises(Full), ours.place(tokens=1, check=full):
            pass
        assert holder.pid is not None
        os.kill(holder.pid, signal.SIGKILL)
        holder.join(LONG)
        with ours.place(tokens=1, check=full):
            pass
