"""Which failures are tried again: never what an agent or a task can bring about once the agent works."""

from __future__ import annotations

import pytest

from pytest_metr.retries import RetryRules, worth_another_try


@pytest.mark.parametrize(
    ("cause", "before", "after"),
    [
        ("sandbox", True, True),
        ("daemon", True, True),
        ("container_removed", True, True),
        ("image_missing", True, True),
        ("exec", True, True),
        ("worker_crashed", True, True),
        ("task_start", True, False),
        ("task_score", True, False),
        ("out_of_memory", True, False),
        ("disk_full", True, False),
        ("a cause of somebody's own", True, False),
        ("refused", False, False),
        ("missing_secret", False, False),
        ("task_install", False, False),
        ("task_changed", False, False),
        ("internal", False, False),
        ("journal", False, False),
    ],
)
def test_a_cause_is_worth_another_try_or_not(cause: str, before: bool, after: bool) -> None:
    assert worth_another_try(cause, agent_began=False) is before
    assert worth_another_try(cause, agent_began=True) is after


def test_pauses_grow_and_the_last_one_holds() -> None:
    assert [RetryRules().pause(failed) for failed in (1, 2, 3, 4, 5, 50)] == [1, 4, 15, 30, 30, 30]
    assert RetryRules(pauses=(0.0,)).pause(3) == 0
