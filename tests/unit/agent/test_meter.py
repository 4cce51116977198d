"""What a run may use, and when that is too much."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.agent import AgentClock
from pytest_metr.agent.meter import Meter
from pytest_metr.defaults import LIMITS
from pytest_metr.errors import LimitReached
from pytest_metr.types import LIMIT_NAMES, Limits, ModelUsage, TokenCounts

from .fakes import PATIENT, Time


class Measured:
    """A meter on a clock that is turned by hand, and what it has told."""

    def __init__(self, limits: Limits) -> None:
        self.time = Time()
        self.clock = AgentClock(now=self.time)
        self.told: list[tuple[str, float, float]] = []
        self.meter = Meter(limits, self.clock, told=lambda *what: self.told.append(what))
        self.clock.start()


def used(tokens: int, *, model: str = "openai/m", cost: float | None = None) -> ModelUsage:
    return ModelUsage(model=model, calls=1, tokens=TokenCounts(input=tokens), cost=cost)


def test_waiting_for_a_model_is_no_working_time() -> None:
    measured = Measured(Limits())
    measured.time.now += 2
    with measured.meter.waiting():
        measured.time.now += 5
        assert measured.meter.usage.working_seconds == 2
    measured.time.now += 1
    usage = measured.meter.usage
    assert (usage.seconds, usage.working_seconds) == (8, 3)


def test_what_several_threads_wait_for_at_once_counts_once() -> None:
    measured = Measured(Limits())
    with measured.meter.waiting():
        measured.time.now += 1
        with measured.meter.waiting():
            measured.time.now += 1
        measured.time.now += 1
    assert measured.meter.usage.working_seconds == 0
    assert measured.meter.usage.seconds == 3


def test_waiting_while_the_agent_is_being_scored_is_neither() -> None:
    measured = Measured(Limits())
    with measured.meter.waiting():
        measured.time.now += 1
        with measured.clock.paused():
            measured.time.now += 10
    measured.time.now += 2
    assert (measured.meter.usage.seconds, measured.meter.usage.working_seconds) == (3, 2)


def test_a_limit_of_working_time_lets_an_agent_wait() -> None:
    measured = Measured(Limits(working_seconds=5))
    with measured.meter.waiting():
        measured.time.now += 100
    assert measured.meter.check().seconds == 5
    measured.time.now += 5
    with pytest.raises(LimitReached, match="working_seconds 5"):
        measured.meter.check()


def test_the_time_that_is_left_is_that_of_the_limit_which_comes_first() -> None:
    measured = Measured(Limits(wall_seconds=20, working_seconds=15))
    assert measured.meter.check().seconds == 15
    with measured.meter.waiting():
        measured.time.now += 8
    assert measured.meter.check().seconds == 12


@pytest.mark.parametrize(
    ("limits", "name"),
    [(Limits(tokens=100), "tokens"), (Limits(cost=1.0), "cost")],
)
def test_exactly_as_much_as_is_allowed_may_be_used_and_nothing_new_is_begun_then(limits: Limits, name: str) -> None:
    measured = Measured(limits)
    measured.meter.spend(used(60, cost=0.5))
    measured.meter.spend(used(40, cost=0.5))
    measured.meter.check_time()
    with pytest.raises(LimitReached) as reached:
        measured.meter.check()
    assert reached.value.name == name


def test_what_goes_beyond_a_limit_is_counted_all_the_same() -> None:
    measured = Measured(Limits(tokens=100))
    with pytest.raises(LimitReached):
        measured.meter.spend(used(130))
    assert measured.meter.usage.tokens == 130
    assert measured.told == [("tokens", 100, 130)]


def test_a_limit_that_was_reached_stays_so_and_is_told_once() -> None:
    measured = Measured(Limits(actions=1, wall_seconds=10))
    measured.meter.act()
    for _ in range(2):
        with pytest.raises(LimitReached, match="actions 1"):
            measured.meter.act()
    measured.time.now += 100
    with pytest.raises(LimitReached, match="actions 1"):
        measured.meter.check_time()
    assert measured.told == [("actions", 1, 1)]
    assert measured.meter.usage.actions == 1


def test_an_agent_whose_model_nobody_saw_has_no_tokens_and_no_cost() -> None:
    usage = Measured(Limits()).meter.usage
    assert (usage.tokens, usage.cost, usage.models) == (None, None, ())


def test_a_model_without_a_price_makes_the_cost_of_the_run_unknown() -> None:
    measured = Measured(Limits())
    measured.meter.spend(used(1, cost=0.25))
    assert measured.meter.usage.cost == 0.25
    measured.meter.spend(used(1, model="openai/other"))
    assert measured.meter.usage.cost is None


@PATIENT
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 1000), st.integers(0, 1000)), max_size=20))
def test_what_models_have_used_adds_up(calls: list[tuple[str, int, int]]) -> None:
    measured = Measured(Limits())
    for model, given_, came in calls:
        counts = TokenCounts(input=given_, cached=given_ // 2, output=came, reasoning=came // 3)
        measured.meter.spend(ModelUsage(model=model, calls=1, retries=1, tokens=counts))
    usage = measured.meter.usage
    assert sum(model.calls for model in usage.models) == len(calls)
    assert (usage.tokens or 0) == sum(given_ + came for _, given_, came in calls)
    assert sum(model.tokens.cached for model in usage.models) == sum(given_ // 2 for _, given_, _ in calls)


def test_what_was_observed_is_counted_by_name() -> None:
    measured = Measured(Limits())
    for name in ("refusal", "malformed_call", "refusal"):
        measured.meter.observe(name)
    assert measured.meter.observed == {"refusal": 2, "malformed_call": 1}


def test_the_command_line_knows_every_limit() -> None:
    assert tuple(LIMITS) == LIMIT_NAMES


@PATIENT
@given(st.lists(st.builds(Limits, tokens=st.none() | st.integers(1), cost=st.none() | st.floats(0.1, 9)), min_size=1))
def test_the_tightest_of_limits_keeps_them_all(limits: list[Limits]) -> None:
    tightest = limits[0].tightest(*limits[1:])
    for name in ("tokens", "cost"):
        values = [value for each in limits if (value := getattr(each, name)) is not None]
        assert getattr(tightest, name) == min(values, default=None)
