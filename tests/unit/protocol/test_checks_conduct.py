"""The checks of how the agent was treated, and how it behaved."""

from __future__ import annotations

import pytest

from tests.unit.protocol.check_rows import check, left_out, make_row


def test_an_agent_that_was_frozen_before_each_test_run() -> None:
    rows = [make_row(split="test", agent_frozen=True), make_row("a/dev", split="dev", agent_frozen=False)]
    found = check("frozen", rows)
    assert (found.verdict, found.sentence) == ("passed", "the agent was frozen before each of 1 test run")


def test_test_runs_of_a_loose_agent_are_named() -> None:
    rows = [make_row(f"a/{n}", split="test", agent_frozen=n > 1) for n in range(4)]
    found = check("frozen", rows, split="dev")  # whichever split counts
    assert (found.verdict, found.figure) == ("failed", 2)
    assert found.sentence.endswith("changed since, in 2 of 4 test runs: a/0 run 1, a/1 run 1")


@pytest.mark.parametrize(
    "rows", [[make_row(split="dev", agent_frozen=True)], [make_row(split="test")], [left_out("a/b", split="test")]]
)
def test_where_nobody_knows_whether_it_was_frozen(rows: list[object]) -> None:
    assert check("frozen", rows).verdict == "unknown"  # type: ignore[arg-type]


def seen(n: int, **observed: int) -> object:
    return make_row(f"a/{n}", agent_kind="react", observed=observed, actions=10)


ROWS = [seen(0), seen(1, refusal=1), seen(2, gave_up=1, no_call=3), seen(3, malformed_call=10)]


@pytest.mark.parametrize(
    ("name", "bound", "figure", "verdict", "told"),
    [
        ("refused", 0.25, 0.25, "passed", "declined to answer in 1 of 4 runs with a score: a/1 run 1"),
        ("refused", 0.2, 0.25, "failed", "asked for: at most 20 %"),
        ("gave_up_early", 0.3, 0.25, "passed", "in 1 of 4 runs with a score: a/2 run 1"),
        ("instructions_followed", 0.8, 0.75, "failed", "the agent did as it was told in 3 of 4 runs"),
        (
            "malformed_calls",
            20,
            20.0,
            "passed",
            "10 of 50 calls could not be understood: a/3 run 1; asked for: at most 20",
        ),
        ("malformed_calls", 19, 20.0, "failed", "10 of 50 calls"),
    ],
)
def test_how_the_agent_behaved(name: str, bound: float, figure: float, verdict: str, told: str) -> None:
    found = check(name, ROWS, bound)  # type: ignore[arg-type]
    assert found.figure == pytest.approx(figure)
    assert found.verdict == verdict
    assert told in found.sentence


@pytest.mark.parametrize("name", ["refused", "gave_up_early", "instructions_followed", "malformed_calls"])
def test_of_an_agent_that_nobody_watched_nothing_is_known(name: str) -> None:
    for rows in ([make_row(observed={}, actions=3)], [make_row(observed=None)], [left_out("a/b")]):
        assert check(name, rows, 1).verdict == "unknown"
    # What is counted for one run tells that it would have been counted for the others.
    assert (
        check(name, [make_row(observed={}, actions=1), make_row("a/b", observed={"no_call": 1})], 1).figure is not None
    )


def test_an_agent_that_called_nothing_has_no_rate_of_wrong_calls() -> None:
    assert check("malformed_calls", [make_row(agent_kind="react", observed={}, actions=0)], 5).verdict == "unknown"
