"""What the summary tells of models and of what was seen in runs."""

from __future__ import annotations

from typing import Any

from pytest_metr.report.used import used_sentences
from pytest_metr.types import ModelUsage, TokenCounts, Usage


def run(*models: ModelUsage, **observed: int) -> dict[str, Any]:
    return {"usage": Usage(models=models).to_json(), "observed": observed}


def test_runs_without_a_model_are_nothing_to_tell() -> None:
    assert used_sentences([run(), run()]) == []


def test_the_usage_of_a_model_is_added_up_over_runs() -> None:
    tokens = TokenCounts(input=1000, cached=400, output=50, reasoning=20)
    one = ModelUsage(model="openai/m", calls=3, retries=1, tokens=tokens, cost=0.25)
    other = ModelUsage(model="openai/m", calls=2, tokens=TokenCounts(input=300, output=7), cost=0.5)
    assert used_sentences([run(one), run(other)]) == [
        "used of openai/m: 1.3k tokens in (400 cached), 57 out (20 reasoning), 5 calls, 1 made again, $0.75"
    ]


def test_estimates_and_unknown_costs_are_no_figures() -> None:
    one = ModelUsage(model="openai/m", calls=3, uncounted=2, tokens=TokenCounts(input=9, output=1))
    assert used_sentences([run(one)]) == [
        "used of openai/m: 9 tokens in, 1 out, 3 calls, 2 estimated, as the server told no counts"
    ]


def test_what_was_seen_is_told_by_the_number_of_runs() -> None:
    runs = [run(refusal=3), run(refusal=1, gave_up=1), run()]
    assert used_sentences(runs) == ["seen in runs: gave_up in 1, refusal in 2 of 3"]
