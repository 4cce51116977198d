"""Whole sessions as logs of Inspect: what a model did, and what other agents did, found again in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from inspect_ai.event import ModelEvent, SandboxEvent, ScoreEvent, ToolEvent
from inspect_ai.log import EvalLog, EvalSample, read_eval_log

from pytest_metr.agent.models import Reply
from pytest_metr.inspect_log.writing import export_session
from pytest_metr.report.reading import read_session
from tests.plugin.project import GUESS, Project
from tests.plugin.test_react import react, solves
from tests.servers.scripted import Asked, ScriptedServer


def export(project: Project) -> list[EvalLog]:
    """Export the project's session and read its logs back. Every event of it has the place that its kind has."""
    written = export_session(read_session(project.out), project.root / "logs")
    assert [log.unmapped for log in written] == [{}] * len(written)
    return [read_eval_log(log.file, resolve_attachments=True) for log in written]


def only_sample(log: EvalLog) -> EvalSample:
    """Return the sample of a log with one."""
    assert log.samples is not None
    [sample] = log.samples
    return sample


def of_kind(sample: EvalSample, kind: type[Any]) -> list[Any]:
    """Return the events of a kind."""
    return [event for event in sample.events if isinstance(event, kind)]


@pytest.mark.parametrize(("provider", "workers"), [("openai", "0"), ("openai", "2"), ("anthropic", "0")])
def test_all_that_a_model_did_is_in_the_log(project: Project, provider: str, workers: str) -> None:
    project.family("guess", GUESS, tasks={"main": {}})
    with ScriptedServer(solves if provider == "openai" else solves_in_turns) as server:
        react(project, server, provider=provider, limits={"actions": 10})
        assert project.run("-n", workers, agent="mine").status == 0
    [run] = project.runs().values()
    [log] = export(project)
    sample = only_sample(log)
    assert (log.status, log.eval.model, log.eval.solver) == ("success", f"{provider}/scripted", "mine")
    assert (sample.id, sample.epoch, sample.input) == ("guess/main", 1, "Write 7 to guess.")
    assert sample.scores is not None
    assert (sample.scores["score"].value, sample.scores["score"].answer) == (run["score"], "done")
    tools = of_kind(sample, ToolEvent)
    assert [tool.function for tool in tools] == ["bash", "bash", "python", "score", "submit"]
    assert [tool.result for tool in tools[:3]] == ["here\n", "7/tmp\n", "1\n"]
    calls = [call for message in sample.messages for call in getattr(message, "tool_calls", None) or ()]
    assert [call.function for call in calls] == [tool.function for tool in tools]
    told = {message.id: message for message in sample.messages if message.role == "tool"}
    assert [told[tool.message_id].tool_call_id for tool in tools] == [call.id for call in calls]
    assert [told[tool.message_id].text for tool in tools] == [tool.result for tool in tools]
    models = of_kind(sample, ModelEvent)
    assert [len(model.input) for model in models] == [2, 5, 7, 9]
    used = run["usage"]["models"][0]["tokens"]
    assert sum(model.output.usage.total_tokens for model in models) == used["input"] + used["output"]
    assert sample.model_usage[f"{provider}/scripted"].total_tokens == used["input"] + used["output"]
    scores = [event.score.value for event in of_kind(sample, ScoreEvent) if event.intermediate]
    assert scores == [entry["score"] for entry in run["intermediate_scores"]]


def solves_in_turns(asked: Asked, number: int) -> Reply:
    """Do as :func:`solves` does, by the number of requests, which every API has alike."""
    results = {1: 0, 2: 2, 3: 3, 4: 4}[number]
    messages: list[dict[str, str]] = [{"role": "tool"}] * results
    return solves(replace(asked, body={**asked.body, "messages": messages}), number)


def test_agents_that_ask_no_model_through_us_have_what_they_did(project: Project) -> None:
    project.family("numbers", tasks={"one": {}, "two": {}})
    project.agent("replayed", {"numbers/one": "1", "numbers/two": "0"})
    folder = project.root / "agents"
    (folder / "program.yaml").write_text(
        "kind: command\ncommand: [sh, -c, 'echo -n 1 >submission.txt; echo said']\n", encoding="utf-8"
    )
    assert project.run("--agent=program", "--agent=noop", agent="replayed").status == 1
    by_agent = {str(log.eval.solver): log for log in export(project)}
    assert set(by_agent) == {"replayed", "program", "noop"}
    for log in by_agent.values():
        assert [sample.id for sample in log.samples or []] == ["numbers/one", "numbers/two"]
        assert {sample.input for sample in log.samples or []} == {
            "Submit a number for one.",
            "Submit a number for two.",
        }
        assert log.eval.model == "none/none"
    [one, two] = by_agent["replayed"].samples or []
    assert [message.text for message in one.messages] == ["Submit a number for one.", "1"]
    assert [sample.scores["passed"].value for sample in (one, two) if sample.scores is not None] == ["C", "I"]
    [ran] = [event for event in of_kind((by_agent["program"].samples or [])[0], SandboxEvent) if event.result == 0]
    assert "said" in ran.output
