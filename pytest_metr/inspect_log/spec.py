"""What an evaluation of Inspect says of itself: an agent in a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inspect_ai.log import EvalConfig, EvalDataset, EvalPlan, EvalPlanStep, EvalSpec
from inspect_ai.util import SandboxEnvironmentSpec
from inspect_ai.viewer import ViewerConfig

from pytest_metr.inspect_log.clean import clean, clean_text, number, stable_id, written
from pytest_metr.inspect_log.sample import NO_MODEL, Run
from pytest_metr.inspect_log.usage import whole
from pytest_metr.report.session import SessionInfo
from pytest_metr.types import AgentSpec, Limits

_NO_TIME = "1970-01-01T00:00:00+00:00"


def eval_spec(
    agent: AgentSpec, info: SessionInfo, runs: Sequence[Run], protocol: Any, more: Mapping[str, Any]
) -> EvalSpec:
    """Return what the evaluation of an agent in a session is.

    :param runs: those that are samples.
    :param protocol: the session's, as its report has it.
    :param more: what else goes into its metadata; ``only_tasks`` are the patterns of the tasks that are in it.
    """
    families = sorted({run.record.family for run in runs})
    versions = {run.record.task_version for run in runs}
    settings = clean(agent.settings)
    url = agent.settings.get("base_url")
    facts = {
        "agent": agent.to_json(),
        "protocol": protocol,
        "command_line": info.command_line,
        "exit_status": info.exit_status,
        "platform": info.platform,
        "weighting": info.weighting,
        "limits": info.limits.to_json(),
        "resumed": [each.to_json() for each in info.resumed],
        **more,
    }
    name = (info.started_at, agent.name, agent.identity, *more["only_tasks"])
    return EvalSpec(
        eval_id=stable_id(*name, "eval"),
        run_id=stable_id(info.started_at, "run"),
        created=begun(info),
        task=clean_text(families[0]) if len(families) == 1 else "metr",
        task_id=stable_id(*name, "task"),
        task_version=clean_text(versions.pop() or "0") if len(families) == len(versions) == 1 else 0,
        task_attribs={"families": clean(families)},
        solver=clean_text(agent.name),
        solver_args=settings,
        dataset=_dataset(runs),
        sandbox=SandboxEnvironmentSpec(clean_text(info.sandbox.provider)) if info.sandbox is not None else None,
        model=clean_text(agent.model or NO_MODEL),
        model_base_url=clean_text(url) if isinstance(url, str) else None,
        config=_config(info, agent.limits.tightest(info.limits), runs),
        # Shown as plain text, with the characters that cannot be seen: a model under test has written it.
        viewer=ViewerConfig(trust_content=False),
        tags=[clean_text(agent.name)],
        packages=clean(info.versions),
        metadata=clean(facts),
    )


def eval_plan(agent: AgentSpec) -> EvalPlan:
    """Return the agent as the one step that there is."""
    step = EvalPlanStep(solver=clean_text(agent.name), params={"kind": agent.kind, **clean(agent.settings)})
    return EvalPlan(name=clean_text(agent.name), steps=[step])


def begun(info: SessionInfo) -> str:
    """Return when a session began; the beginning of 1970 where nobody knows, since Inspect must have an instant."""
    return written(info.started_at) or _NO_TIME


def _dataset(runs: Sequence[Run]) -> EvalDataset:
    ids = list(dict.fromkeys(run.id for run in runs))
    return EvalDataset(name="metr", samples=len(ids), sample_ids=list(ids), shuffled=False)


def _config(info: SessionInfo, limits: Limits, runs: Sequence[Run]) -> EvalConfig:
    """Return the limits of all tasks together; a task's own are in the metadata of its samples."""
    return EvalConfig(
        epochs=max([info.runs_per_task, *(run.epoch for run in runs)]),
        fail_on_error=False,
        time_limit=whole(limits.wall_seconds),
        working_limit=whole(limits.working_seconds),
        token_limit=limits.tokens,
        cost_limit=number(limits.cost),
    )
