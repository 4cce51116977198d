"""What a log says of an agent in a session, and logs in a folder as Inspect lists them."""

from __future__ import annotations

from pathlib import Path

import pytest
from inspect_ai.log import list_eval_logs, read_eval_log, read_eval_log_sample, read_eval_log_sample_summaries

from pytest_metr.inspect_log.results import eval_results
from pytest_metr.inspect_log.sample import Run
from pytest_metr.inspect_log.writing import export_session
from pytest_metr.report.reading import read_session
from pytest_metr.types import AgentSpec, Failure, Limits, ModelUsage, TokenCounts, Usage
from tests.unit.inspect_log.sessions import exported, plan, write_session
from tests.unit.report.records import broken, make_record

USED = Usage(models=(ModelUsage(model="openai/x", tokens=TokenCounts(input=10, output=5), cost=0.5),))
AGENTS = (
    AgentSpec(
        name="gpt",
        kind="react",
        identity="a" * 64,
        model="openai/x",
        settings={"base_url": "http://localhost/v1", "tools": ["bash"]},
        limits=Limits(wall_seconds=90.5, tokens=1000, cost=2.5, working_seconds=30.0, actions=4),
    ),
    AgentSpec(name="other", kind="command", identity="c" * 64),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A session of two agents; the first has a run with each of these ends."""
    runs = [plan("a/x", 1), plan("a/x", 2), plan("b/y", 1), plan("b/y", 2), plan("a/x", 1, "other")]
    records = [
        make_record(runs[0], score=1.0, usage=USED),
        make_record(runs[1], score=0.0, usage=USED),
        make_record(runs[2], "infra_error", failure=broken("sandbox")),
        make_record(runs[4], score=0.25),
    ]
    return write_session(
        tmp_path / "session", *records, planned=runs, agents=AGENTS, runs_per_task=2, limits=Limits(tokens=500)
    )


def test_each_agent_has_a_log_that_inspect_lists(tmp_path: Path, folder: Path) -> None:
    written = export_session(read_session(folder), tmp_path / "logs")
    assert [(log.agent, log.samples, log.not_run, log.without_transcript) for log in written] == [
        ("gpt", 3, 1, 3),
        ("other", 1, 0, 1),
    ]
    listed = list_eval_logs(str(tmp_path / "logs"))
    assert sorted(Path(info.name.removeprefix("file://")) for info in listed) == sorted(Path(w.file) for w in written)
    assert {info.task for info in listed} == {"metr", "a"}
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == sorted(Path(w.file).name for w in written)


def test_the_header_says_what_was_run(tmp_path: Path, folder: Path) -> None:
    spec = exported(folder, tmp_path / "logs")[0].eval
    assert (spec.task, spec.model, spec.solver, spec.tags) == ("metr", "openai/x", "gpt", ["gpt"])
    assert spec.model_base_url == "http://localhost/v1"
    assert spec.created == "2025-03-01T12:00:00+00:00"
    assert spec.solver_args == {"base_url": "http://localhost/v1", "tools": ["bash"]}
    assert spec.packages == {"python": "3.12.1", "pytest": "9.0", "pytest_metr": "0.1.0"}
    assert (spec.dataset.samples, spec.dataset.sample_ids) == (2, ["a/x", "b/y"])
    config = spec.config
    assert (config.epochs, config.time_limit, config.working_limit) == (2, 91, 30)
    assert (config.token_limit, config.cost_limit, config.message_limit) == (500, 2.5, None)
    assert spec.sandbox is not None
    assert spec.sandbox.type == "bubblewrap"
    assert spec.metadata is not None
    assert spec.metadata["agent"]["limits"]["actions"] == 4
    assert spec.metadata["protocol"]["name"] == "plain"
    assert spec.metadata["not_run"] == {"runs": 1, "causes": {"no_record": 1}}


def test_the_results_are_the_protocols_with_plain_means_beside_them(tmp_path: Path, folder: Path) -> None:
    log = exported(folder, tmp_path / "logs")[0]
    [entry] = [agent for agent in read_session(folder).document["agents"] if agent["name"] == "gpt"]
    assert log.results is not None
    assert (log.results.total_samples, log.results.completed_samples) == (4, 2)
    score, passed = log.results.scores
    assert (score.name, score.scored_samples, score.unscored_samples) == ("score", 2, 1)
    overall = score.metrics["overall_score"]
    assert overall.value == entry["result"]["overall_score"]["value"]
    assert overall.metadata == entry["result"]["overall_score"]
    assert score.metrics["mean"].value == 0.5
    assert passed.metrics["success_rate"].value == entry["result"]["success_rate"]["value"]
    assert passed.metrics["mean"].value == 0.5
    assert score.metadata is not None
    assert [bracket["name"] for bracket in score.metadata["brackets"]] == [
        bracket["name"] for bracket in entry["result"]["brackets"]
    ]
    assert log.reductions is not None
    by_task = {each.scorer: {s.sample_id: s.value for s in each.samples} for each in log.reductions}
    assert by_task == {"score": {"a/x": 0.5}, "passed": {"a/x": 0.5}}


def test_the_mean_of_the_greatest_numbers_is_one() -> None:
    records = [make_record(plan(run=run), score=1.7e308) for run in (1, 2)]
    runs = [Run(id="a", epoch=record.run, record=record, session="s") for record in records]
    [score, _] = eval_results(runs, {}, None, 2).scores
    assert score.metrics["mean"].value == pytest.approx(1.7e308)


def test_usage_is_added_up_over_all_runs(tmp_path: Path, folder: Path) -> None:
    stats = exported(folder, tmp_path / "logs")[0].stats
    assert (stats.started_at, stats.completed_at) == ("2025-03-01T12:00:00+00:00", "2025-03-01T12:01:30.250000+00:00")
    used = stats.model_usage["openai/x"]
    assert (used.input_tokens, used.output_tokens, used.total_cost) == (20, 10, 1.0)


def test_one_sample_and_the_summaries_can_be_read_alone(tmp_path: Path, folder: Path) -> None:
    [log, _] = export_session(read_session(folder), tmp_path / "logs")
    sample = read_eval_log_sample(log.file, "a/x", 2)
    assert sample.scores is not None
    assert sample.scores["score"].value == 0.0
    summaries = read_eval_log_sample_summaries(log.file)
    assert [(summary.id, summary.epoch, summary.error) for summary in summaries] == [
        ("a/x", 1, None),
        ("a/x", 2, None),
        ("b/y", 1, "sandbox: something about sandbox"),
    ]
    assert read_eval_log(log.file, header_only=True).samples is None


def test_some_tasks_alone_are_a_log_of_their_own_without_the_sessions_numbers(tmp_path: Path, folder: Path) -> None:
    exported(folder, tmp_path / "logs")
    [log] = exported(folder, tmp_path / "logs", agents=["gpt"], tasks=["a/*"])
    assert log.samples is not None
    assert {sample.id for sample in log.samples} == {"a/x"}
    assert log.results is not None
    assert [list(score.metrics) for score in log.results.scores] == [["mean"], ["mean"]]
    assert log.results.scores[0].metadata is not None
    assert "has not all tasks" in log.results.scores[0].metadata["problem"]
    assert len(list_eval_logs(str(tmp_path / "logs"))) == 3


def test_a_session_that_is_exported_again_takes_the_place_of_its_logs(tmp_path: Path, folder: Path) -> None:
    for _ in range(2):
        exported(folder, tmp_path / "logs")
    assert len(list_eval_logs(str(tmp_path / "logs"))) == 2


@pytest.mark.parametrize(
    ("ended", "failed", "status"),
    [
        ("no failures", False, "success"),
        ("failures", False, "success"),
        ("the session was interrupted", False, "cancelled"),
        ("the session was stopped: stopping after 1 failures", False, "cancelled"),
        ("failures", True, "error"),
    ],
)
def test_how_the_session_ended_is_the_status(tmp_path: Path, ended: str, failed: bool, status: str) -> None:
    record = make_record(plan(), "infra_error", failure=broken("sandbox")) if failed else make_record(plan(), score=0.0)
    [log] = exported(write_session(tmp_path / "s", record, exit_status=ended), tmp_path / "logs")
    assert log.status == status


def test_an_agent_none_of_whose_runs_was_run_has_a_log_without_samples(tmp_path: Path) -> None:
    run = plan()
    not_run = make_record(run, "not_run", failure=Failure(kind="not_run", cause="staging", message="left out"))
    [log] = exported(write_session(tmp_path / "s", not_run, planned=[run]), tmp_path / "logs")
    assert (log.status, log.samples) == ("error", [])
    assert log.metadata["not_run"] == {"runs": 1, "causes": {"staging": 1}}
    assert log.results is not None
    assert (log.results.total_samples, log.results.completed_samples) == (1, 0)


def test_what_models_have_written_is_not_rendered(tmp_path: Path, folder: Path) -> None:
    viewer = exported(folder, tmp_path / "logs")[0].eval.viewer
    assert viewer is not None
    assert viewer.trust_content is False
