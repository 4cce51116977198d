"""The agent's time."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.agent import AgentClock

from .fakes import PATIENT, Time


def test_a_clock_stands_still_until_it_is_started() -> None:
    time = Time()
    clock = AgentClock(now=time)
    time.now += 5
    assert clock.seconds == 0


def test_a_clock_counts_between_start_and_stop_and_goes_on_after_a_second_start() -> None:
    time = Time()
    clock = AgentClock(now=time)
    clock.start()
    time.now += 2
    clock.start()
    time.now += 3
    clock.stop()
    time.now += 100
    assert clock.seconds == 5
    clock.start()
    time.now += 1
    assert clock.seconds == 6


def test_a_pause_does_not_count_even_when_it_ends_in_an_error() -> None:
    time = Time()
    clock = AgentClock(now=time)
    clock.start()
    time.now += 1

    def break_while_scoring() -> None:
        with clock.paused():
            time.now += 50
            raise RuntimeError("scoring broke")

    with pytest.raises(RuntimeError, match="scoring broke"):
        break_while_scoring()
    time.now += 1
    assert clock.seconds == 2


def test_the_end_of_an_inner_pause_does_not_end_the_outer_one() -> None:
    time = Time()
    clock = AgentClock(now=time)
    clock.start()
    with clock.paused():
        with clock.paused():
            time.now += 1
        time.now += 1
    assert clock.seconds == 0


def test_a_clock_that_was_never_started_does_not_start_at_the_end_of_a_pause() -> None:
    time = Time()
    clock = AgentClock(now=time)
    with clock.paused():
        time.now += 1
    time.now += 1
    assert clock.seconds == 0


def test_a_clock_started_inside_a_pause_counts_from_the_pauses_end() -> None:
    time = Time()
    clock = AgentClock(now=time)
    with clock.paused():
        clock.start()
        time.now += 7
    time.now += 2
    assert clock.seconds == 2


def test_pauses_of_several_threads_leave_the_clock_running_when_all_have_ended() -> None:
    time = Time()
    clock = AgentClock(now=time)
    clock.start()

    def pause_often() -> None:
        for _ in range(200):
            with clock.paused():
                pass

    threads = [threading.Thread(target=pause_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.now += 3
    assert clock.seconds == 3


@PATIENT
@given(st.lists(st.tuples(st.sampled_from(["run", "pause", "stop"]), st.integers(0, 1000))))
def test_exactly_the_time_outside_of_pauses_and_stops_is_counted(stretches: list[tuple[str, int]]) -> None:
    time = Time()
    clock = AgentClock(now=time)
    for state, seconds in stretches:
        if state == "pause":
            clock.start()
            with clock.paused():
                time.now += seconds
        else:
            (clock.start if state == "run" else clock.stop)()
            time.now += seconds
            clock.stop()
    assert clock.seconds == sum(seconds for state, seconds in stretches if state == "run")


def test_the_default_time_source_moves_forward() -> None:
    clock = AgentClock()
    clock.start()
    while clock.seconds == 0:
        pass
    assert clock.seconds > 0
