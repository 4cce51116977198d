"""The runs of a study's steps: whose they are, and which are chosen of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.impact import ReadSteps, load_study, read_steps
from pytest_metr.types import AgentSpec, BestOf, UsagePerRun
from tests.unit.commands.command import write_agents
from tests.unit.impact.sessions import Run, write_session, write_study
from tests.unit.report.reading import report, report_run, write_report
from tests.unit.report.records import make_plan, make_record, make_task

NAN = float("nan")


def read(folder: Path, steps: str) -> ReadSteps:
    return read_steps(load_study(write_study(folder / "study.yaml", f"steps: [{steps}]\n")))


def refusal(folder: Path, steps: str) -> str:
    with pytest.raises(UsageMistake) as caught:
        read(folder, steps)
    return str(caught.value).removeprefix(f"{folder / 'study.yaml'}: ")


@pytest.fixture
def tuned(tmp_path: Path) -> Path:
    return write_session(
        tmp_path / "tuned",
        {
            "f/shown": [Run(0.0, (0.1, 0.2)), Run(1.0, (0.1, 0.9)), Run(1.0, (0.3,)), Run(0.0, (0.3, NAN)), Run(1.0)],
            "f/hidden": [Run(0.0, (0.1,)), Run(1.0, (0.9,))],
        },
        hidden=["f/hidden"],
    )


BEST = "{name: tuned, runs: tuned}, {name: best, best_of: {step: tuned, n: 2}}"


def test_a_run_is_chosen_by_the_log_that_the_agent_could_see(tmp_path: Path, tuned: Path) -> None:
    found = read(tmp_path, BEST)
    best = found.steps[1]
    # The scores of f/hidden are in its log, but no agent sees them: its first run counts, though the log says 0.1.
    assert {row.run_id for row in best.rows} == {"f-shown-tuned-2", "f-shown-tuned-3", "f-hidden-tuned-1"}
    assert {row.agent for row in best.rows} == {"tuned+best2"}
    assert best.best_of == BestOf(step="tuned", n=2, groups=3, by_log=1, tied=1, without_log=1, left_over=1)
    assert [source.path for source in found.sources] == [str(tuned)]


def test_a_run_of_a_best_of_n_used_what_all_of_its_group_used(tmp_path: Path, tuned: Path) -> None:
    own, best = read(tmp_path, BEST).steps
    assert set(own.usage.values()) == {UsagePerRun(seconds=10.0, tokens=100, cost=None)}
    assert set(best.usage.values()) == {UsagePerRun(seconds=20.0, tokens=200, cost=None)}
    assert set(best.usage) == {row.place for row in best.rows}


def test_several_sessions_are_one_step_in_their_order(tmp_path: Path) -> None:
    for name, log in (("early", 0.1), ("late", 0.5)):
        session = write_session(tmp_path / name, {"f/t": [Run(0.0, (log,))]})
        text = (session / "report.json").read_text(encoding="utf-8")
        start = {"early": "2025-03-01", "late": "2025-03-02"}[name]
        (session / "report.json").write_text(text.replace("2025-03-01T12:00", f"{start}T12:00"), encoding="utf-8")
    found = read(tmp_path, "{name: t, runs: [early, late]}, {name: best, best_of: {step: t, n: 2}}")
    (row,) = found.steps[1].rows
    assert row.place is not None
    assert row.place.startswith(str(tmp_path / "late"))


def test_the_agent_can_be_left_away_where_it_is_the_only_one(tmp_path: Path) -> None:
    write_agents(tmp_path / "one.jsonl", bot=0.5)
    write_agents(tmp_path / "two.jsonl", weak=0.25, strong=0.75)
    found = read(tmp_path, "{name: a, runs: one.jsonl}, {name: b, runs: two.jsonl, agent: strong}")
    assert [{row.agent for row in step.rows} for step in found.steps] == [{"bot"}, {"strong"}]
    assert all(not step.usage for step in found.steps)
    assert refusal(tmp_path, "{name: a, runs: one.jsonl}, {name: b, runs: two.jsonl}") == (
        "steps[1].agent: missing; expected one of weak, strong, since the runs are of several agents"
    )
    assert refusal(tmp_path, "{name: a, runs: two.jsonl, agent: wek}, {name: b, runs: one.jsonl}") == (
        "steps[0].agent: expected one of weak, strong, found 'wek' (did you mean 'weak'?)"
    )


def test_the_controls_of_a_suite_do_not_make_the_agent_doubtful(tmp_path: Path) -> None:
    plans = [make_plan(make_task(), agent=agent) for agent in ("bot", "oracle")]
    agents = [AgentSpec(name="bot", kind="command"), AgentSpec(name="oracle", kind="oracle")]
    write_report(tmp_path / "s", report(*(report_run(make_record(p, score=1.0)) for p in plans), agents=agents))
    found = read(tmp_path, "{name: a, runs: s}, {name: b, runs: s, agent: oracle}")
    assert [step.rows[0].agent for step in found.steps] == ["bot", "oracle"]
    assert len(found.sources) == 1


def test_a_best_of_n_needs_the_records_of_sessions(tmp_path: Path, tuned: Path) -> None:
    write_agents(tmp_path / "runs.jsonl", bot=0.5)
    steps = "{{name: a, runs: {}}}, {{name: b, best_of: {{step: a, n: 2}}}}"
    said = refusal(tmp_path, steps.format("runs.jsonl"))
    assert said == (
        "steps[1].best_of.step: expected a step of folders of sessions with a report.json, "
        f"found {tmp_path / 'runs.jsonl'}: only there are logs to choose by"
    )
    assert "steps[1].best_of.step: expected a step of folders" in refusal(tmp_path, steps.format("tuned/report.json"))


def test_a_best_of_more_runs_than_there_are_is_refused(tmp_path: Path, tuned: Path) -> None:
    assert refusal(tmp_path, BEST.replace("n: 2", "n: 6")) == (
        "steps[1].best_of.n: expected a task with at least 6 runs in the step 'tuned', found none"
    )


def test_without_its_plan_nobody_knows_which_scores_a_session_shows(tmp_path: Path, tuned: Path) -> None:
    (tuned / "plan.json").unlink()
    with pytest.raises(UsageMistake, match=r"plan\.json: cannot be read, and only there it says which tasks show"):
        read(tmp_path, BEST)
    (tuned / "plan.json").write_text('{"runs": 3}', encoding="utf-8")
    with pytest.raises(UsageMistake, match="expected the plan of a session"):
        read(tmp_path, BEST)
    (tuned / "plan.json").write_text('{"runs": []}', encoding="utf-8")
    with pytest.raises(UsageMistake, match="runs: expected the plan of the session's runs, found none of the task f/"):
        read(tmp_path, BEST)


def test_a_source_that_cannot_be_read_is_told_with_its_own_name(tmp_path: Path, tuned: Path) -> None:
    with pytest.raises(UsageMistake, match="there is no such file or folder") as caught:
        read(tmp_path, "{name: a, runs: tuned}, {name: b, runs: gone}")
    assert caught.value.file == str(tmp_path / "gone")


def test_notes_of_a_source_are_told_once(tmp_path: Path) -> None:
    broken = [{"family": "g", "message": "no TaskFamily"}]
    write_session(tmp_path / "s", {"f/t": [Run(1.0)]}, notes=["something odd"], broken_families=broken)
    found = read(tmp_path, "{name: a, runs: s}, {name: b, runs: [s]}, {name: c, runs: ./s}")
    assert found.notes == (
        f"{tmp_path / 's'}: something odd",
        f"{tmp_path / 's'}: 1 family could not be read, so that the tasks are missing",
    )
    assert json.dumps([source.path for source in found.sources]) == json.dumps([str(tmp_path / "s")])
