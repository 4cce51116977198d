"""Places and rates that processes keep together."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pytest_metr.agent.models.pool import Pool
from pytest_metr.agent.models.settings import Rate


class Stopped(Exception):
    """Somebody waits who should not."""


def never() -> None:
    raise Stopped


class Clock:
    """Seconds since the epoch, turned by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def pool(folder: Path, clock: Clock | None = None, **rate: int) -> Pool:
    return Pool(folder, "server", Rate(**rate), now=clock or Clock())


def test_without_limits_nobody_waits(tmp_path: Path) -> None:
    ours = pool(tmp_path)
    with ours.place(tokens=10**9, check=never), ours.place(tokens=10**9, check=never):
        pass


def test_there_are_as_many_places_as_connections(tmp_path: Path) -> None:
    one, other = pool(tmp_path, connections=2), pool(tmp_path, connections=2)
    first, second, third = (each.place(tokens=1, check=never) for each in (one, other, one))
    with first, second, pytest.raises(Stopped), third:
        pass
    with one.place(tokens=1, check=never):
        pass


def test_requests_of_a_minute_are_counted_together(tmp_path: Path) -> None:
    clock = Clock()
    one, other = pool(tmp_path, clock, requests_per_minute=2), pool(tmp_path, clock, requests_per_minute=2)
    for each in (one, other):
        with each.place(tokens=1, check=never):
            pass
    clock.now += 59
    with pytest.raises(Stopped), one.place(tokens=1, check=never):
        pass
    clock.now += 1.5
    with one.place(tokens=1, check=never):
        pass


def test_tokens_of_a_minute_are_counted_by_what_was_used_in_fact(tmp_path: Path) -> None:
    ours = pool(tmp_path, tokens_per_minute=100)
    with ours.place(tokens=90, check=never) as used:
        used(20)
    with ours.place(tokens=80, check=never):
        pass
    with pytest.raises(Stopped), ours.place(tokens=1, check=never):
        pass


def test_a_request_that_is_larger_than_a_minute_allows_goes_alone(tmp_path: Path) -> None:
    clock = Clock()
    ours = pool(tmp_path, clock, tokens_per_minute=100)
    with ours.place(tokens=500, check=never):
        pass
    with pytest.raises(Stopped), ours.place(tokens=1, check=never):
        pass
    clock.now += 61
    with ours.place(tokens=500, check=never):
        pass


def test_all_leave_a_server_alone_that_asks_for_it(tmp_path: Path) -> None:
    clock = Clock()
    one, other = pool(tmp_path, clock), pool(tmp_path, clock)
    one.back_off(5)
    one.back_off(1)  # which takes nothing back
    with pytest.raises(Stopped), other.place(tokens=1, check=never):
        pass
    clock.now += 5
    with other.place(tokens=1, check=never):
        pass


def test_other_servers_are_not_concerned(tmp_path: Path) -> None:
    clock = Clock()
    Pool(tmp_path, "one", Rate(), now=clock).back_off(5)
    with Pool(tmp_path, "other", Rate(), now=clock).place(tokens=1, check=never):
        pass


def test_threads_share_places_too(tmp_path: Path) -> None:
    ours = pool(tmp_path, connections=3)
    lock, counts = threading.Lock(), [0, 0]
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        for _ in range(5):
            with ours.place(tokens=1, check=lambda: None):
                with lock:
                    counts[0] += 1
                    counts[1] = max(counts)
                with lock:
                    counts[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert counts[0] == 0
    assert counts[1] <= 3


def test_a_state_that_was_half_written_is_begun_anew(tmp_path: Path) -> None:
    ours = pool(tmp_path, requests_per_minute=1)
    with ours.place(tokens=1, check=never):
        pass
    (state,) = tmp_path.glob("*.state")
    state.write_text('{"recent": [[', encoding="utf-8")
    with ours.place(tokens=1, check=never):
        pass
