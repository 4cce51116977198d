"""The package's own agent, around whatever model its file or the command line names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_metr.agent.kind import AgentKind
from pytest_metr.fields import Fields
from pytest_metr.interfaces import Agent
from pytest_metr.types import AgentSpec


def _check(fields: Fields) -> dict[str, Any]:
    from pytest_metr.agent.models import check_model
    from pytest_metr.agent.react import read_settings

    settings = {**check_model(fields), **read_settings(fields)}
    window, reply = settings["context_tokens"], settings.get("max_tokens")
    if window is not None and reply is not None and reply >= window:
        fields.wrong("max_tokens", f"expected less than context_tokens ({window}), found {reply}")
    return settings


def _make(spec: AgentSpec) -> Agent:
    from pytest_metr.agent.models import ModelCaller, ModelSettings
    from pytest_metr.agent.react import ReactAgent, ReactSettings

    model = ModelSettings.of(str(spec.model), spec.settings)
    return ReactAgent(settings=ReactSettings.of(spec.settings), model=lambda workspace: ModelCaller(workspace, model))


def _uses_model(settings: Mapping[str, Any]) -> bool:  # noqa: ARG001 - as every kind has it
    return True


def _secrets(spec: AgentSpec) -> Sequence[str]:
    from pytest_metr.agent.models import key_variable

    variable = key_variable(str(spec.model), spec.settings)
    return () if variable is None else (variable,)


REACT = AgentKind(name="react", check=_check, make=_make, uses_model=_uses_model, secrets=_secrets)
