"""What the record of a run says, in the places that Inspect has for it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.event import ScoreEvent

from pytest_metr.types import (
    Control,
    FailedTry,
    Failure,
    Finding,
    LimitHit,
    Limits,
    ModelUsage,
    SandboxInfo,
    ScoreEntry,
    TokenCounts,
    Usage,
)
from tests.unit.inspect_log.sessions import CONVERSATION, exported, plan, second, the_sample, write_session
from tests.unit.report.records import END, START, make_record


def test_a_scored_run_is_a_sample_with_its_score_and_whether_it_passed(tmp_path: Path) -> None:
    said = {"exit_code": "0", "stderr": "", "stdout": "7 of 8 right"}
    record = make_record(plan(run=3), score=0.75, submission="42", scoring_output=said, notes=("a note",))
    sample = the_sample(tmp_path, record)
    assert (sample.id, sample.epoch, sample.input, sample.target) == ("adding/two", 3, "Add.", "")
    assert sample.scores is not None
    score, passed = sample.scores["score"], sample.scores["passed"]
    assert (score.value, score.answer, score.explanation) == (0.75, "42", "stdout:\n7 of 8 right\n\nexit_code:\n0")
    assert score.metadata == {"success_threshold": 0.9, "status": "scored", "notes": ["a note"]}
    assert passed.value == "I"
    assert (sample.started_at, sample.completed_at) == ("2025-03-01T12:00:00+00:00", "2025-03-01T12:01:30.250000+00:00")
    assert sample.total_time == pytest.approx(90.25)
    assert (sample.error, sample.limit) == (None, None)


@pytest.mark.parametrize(("score", "passed"), [(0.9, "I"), (0.91, "C")])
def test_a_run_passes_strictly_above_its_threshold(tmp_path: Path, score: float, passed: str) -> None:
    sample = the_sample(tmp_path, make_record(plan(), score=score))
    assert sample.scores is not None
    assert sample.scores["passed"].value == passed


def test_all_that_analyses_need_is_in_the_metadata(tmp_path: Path) -> None:
    record = make_record(
        plan(minutes=30.0, version="1.2.3", domains=("cyber",), split="dev", human_source="qa"),
        score=1.0,
        domains=("cyber",),
        split="dev",
        agent_identity="b" * 64,
        observed={"refusal": 2},
        canary_found=False,
        sandbox=SandboxInfo(provider="docker", image="sha256:1"),
        durations={"agent": 3.5},
    )
    sample = the_sample(tmp_path, record)
    expected = {
        "run_id": "adding-two-gpt-1",
        "status": "scored",
        "family": "adding",
        "family_hash": "f" * 64,
        "task_version": "1.2.3",
        "human_minutes": 30.0,
        "human_source": "qa",
        "bracket": "under_an_hour",
        "domains": ["cyber"],
        "split": "dev",
        "success_threshold": 0.9,
        "agent": "gpt",
        "agent_identity": "b" * 64,
        "observed": {"refusal": 2},
        "canary_found": False,
        "durations": {"agent": 3.5},
        "weight": 1.0,
    }
    assert {key: sample.metadata[key] for key in expected} == expected
    assert sample.sandbox is not None
    assert (sample.sandbox.type, sample.sandbox.config) == ("docker", "sha256:1")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("wall_seconds", "time"),
        ("working_seconds", "working"),
        ("tokens", "token"),
        ("cost", "cost"),
        ("actions", "custom"),
    ],
)
def test_the_limit_that_ended_a_run_has_inspects_type(tmp_path: Path, name: str, kind: str) -> None:
    record = make_record(
        plan(), "limit", 0.0, limit_hit=LimitHit(name=name, allowed=60.5), limits=Limits(wall_seconds=60.5, tokens=9)
    )
    sample = the_sample(tmp_path, record)
    assert sample.limit is not None
    assert (sample.limit.type, sample.limit.limit) == (kind, 60.5)
    assert (sample.time_limit, sample.token_limit) == (61, 9)
    assert sample.metadata["limit_hit"] == {"name": name, "allowed": 60.5}


def test_what_a_run_used_is_told_by_model(tmp_path: Path) -> None:
    tokens = TokenCounts(input=1000, cached=600, cache_written=100, output=50, reasoning=20)
    models = (
        ModelUsage(model="openai/a", calls=3, tokens=tokens, cost=0.5),
        ModelUsage(model="openai/a", calls=1, tokens=tokens, cost=0.25),
        ModelUsage(model="openai/b", calls=1, tokens=tokens),
    )
    usage = Usage(seconds=9.0, working_seconds=4.5, actions=7, tokens=3150, models=models)
    sample = the_sample(tmp_path, make_record(plan(), score=1.0, usage=usage))
    a, b = sample.model_usage["openai/a"], sample.model_usage["openai/b"]
    assert (a.input_tokens, a.input_tokens_cache_read, a.input_tokens_cache_write) == (600, 1200, 200)
    assert (a.output_tokens, a.reasoning_tokens, a.total_tokens, a.total_cost) == (100, 40, 2100, 0.75)
    assert b.total_cost is None
    assert sample.working_time == 4.5
    assert sample.metadata["usage"]["actions"] == 7


def test_an_infrastructure_error_is_the_samples_error_and_no_score(tmp_path: Path) -> None:
    failure = Failure(kind="infrastructure", cause="sandbox", message="it died", evidence={"stderr": "no space"})
    tried = FailedTry(cause="sandbox", message="before")
    record = make_record(plan(), "infra_error", failure=failure, failed_tries=(tried,))
    sample = the_sample(tmp_path, record)
    assert sample.error is not None
    assert (sample.error.message, sample.error.traceback) == ("sandbox: it died", "stderr:\nno space")
    assert sample.scores is None
    assert sample.error_retries is not None
    assert [retry.message for retry in sample.error_retries] == ["sandbox: before"]


def test_an_agent_that_failed_has_its_score_and_no_error(tmp_path: Path) -> None:
    failure = Failure(kind="agent", cause="gave_up", message="no more")
    sample = the_sample(tmp_path, make_record(plan(), "agent_error", 0.0, failure=failure))
    assert sample.error is None
    assert sample.scores is not None
    assert sample.scores["score"].value == 0.0
    assert sample.metadata["failure"]["cause"] == "gave_up"


def test_a_run_that_a_person_must_score_has_no_score(tmp_path: Path) -> None:
    sample = the_sample(tmp_path, make_record(plan(), "needs_score"))
    assert sample.scores is None
    assert sample.metadata["status"] == "needs_score"


def test_intermediate_scores_stand_where_they_were_taken(tmp_path: Path) -> None:
    entries = (
        ScoreEntry(score=0.0, message={"right": 0}, details={"secret": 1}, scored_at=second(3.5), elapsed_seconds=0.0),
        ScoreEntry(score=math.nan, message="none", scored_at=second(7.5), elapsed_seconds=4.0),
    )
    sample = the_sample(tmp_path, make_record(plan(), score=1.0, intermediate_scores=entries))
    first, second_, *final = [event for event in sample.events if isinstance(event, ScoreEvent)]
    assert (first.intermediate, first.score.value, first.score.explanation) == (True, 0.0, '{"right": 0}')
    assert first.score.metadata == {"number": 1, "elapsed_seconds": 0.0, "details": {"secret": 1}}
    assert first.working_start == 3.5
    assert isinstance(second_.score.value, float)
    assert math.isnan(second_.score.value)
    assert second_.score.explanation == "none"
    assert [event.scorer for event in final] == ["score", "passed"]
    kinds = [event.event for event in sample.events]
    assert kinds.index("score") < kinds.index("model") < kinds.index("score", kinds.index("tool"))


def test_a_run_without_a_model_is_told_by_its_instructions_and_its_submission(tmp_path: Path) -> None:
    record = make_record(plan(), score=1.0, submission="42")
    sample = the_sample(tmp_path, record, CONVERSATION[:3])
    assert [(message.role, message.text) for message in sample.messages] == [("user", "Add."), ("assistant", "42")]
    assert sample.output.completion == "42"
    assert sample.output.model == "none/none"


def test_a_run_without_a_transcript_has_what_its_record_says(tmp_path: Path) -> None:
    sample = the_sample(tmp_path, make_record(plan(), score=1.0, submission="42"), None)
    assert [message.text for message in sample.messages] == ["42"]
    assert sample.scores is not None
    assert [event.event for event in sample.events if "span" not in event.event] == ["sample_init", "score", "score"]


def test_what_readers_found_is_in_the_metadata(tmp_path: Path) -> None:
    record = make_record(plan(), score=0.0)
    finding = Finding(run_id=record.run_id, label="spurious", labels={"ann": "spurious"}, notes=("a crash",))
    sample = the_sample(tmp_path, record, findings={record.run_id: finding})
    assert sample.metadata["reading"] == finding.to_json()


def test_controls_and_runs_with_the_same_number_are_samples_of_their_own(tmp_path: Path) -> None:
    control = Control(name="empty", kind="empty", lowest=0.0, highest=0.0)
    one = make_record(plan(), score=1.0)
    records = [
        one,
        make_record(plan(), score=0.5, run_id="own-test"),
        make_record(plan(), score=0.0, run_id="control", control=control),
    ]
    [log] = exported(write_session(tmp_path / "s", *records), tmp_path / "logs")
    assert log.samples is not None
    by_id = {str(sample.id): sample for sample in log.samples}
    assert list(by_id) == ["adding/two", "adding/two (empty)", "own-test"]
    scores: dict[str, Any] = {id: sample.scores for id, sample in by_id.items()}
    assert scores["adding/two (empty)"]["passed"].value == "C"  # it scored what it must
    assert len({sample.uuid for sample in log.samples}) == 3


def test_ids_are_the_same_in_each_export(tmp_path: Path) -> None:
    folder = write_session(tmp_path / "s", make_record(plan(), score=1.0, started_at=START, completed_at=END))
    [one], [two] = exported(folder, tmp_path / "a"), exported(folder, tmp_path / "b")
    assert one.samples is not None
    assert two.samples is not None
    assert one.samples[0].model_dump() == two.samples[0].model_dump()
    assert one.eval.model_dump() == two.eval.model_dump()
