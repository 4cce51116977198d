"""From ``--agent NAME`` to a checked specification, and from that to an agent."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_metr.agent.identity import identity
from pytest_metr.agent.kind import AgentKind
from pytest_metr.agent.lookup import check_name, find_agent_file
from pytest_metr.agent.registry import KINDS
from pytest_metr.documents import read_document
from pytest_metr.errors import InfrastructureError, UsageMistake
from pytest_metr.fields import Fields, suggestion
from pytest_metr.interfaces import Agent
from pytest_metr.types import AgentSpec, Limits


def load_agent(name: str, *, search: Sequence[Path], kinds: Mapping[str, AgentKind] = KINDS) -> AgentSpec:
    """Return the agent that ``--agent`` names, checked, with its identity.

    :param name: a name, found as ``NAME.yaml`` or ``NAME.yml`` in the first folder of *search* that has it,
        or the path of such a file. The name of a kind that needs no settings is an agent without a file.
    :param kinds: the kinds that there are; pass more than :data:`KINDS` to add some.
    :raises UsageMistake: where there is no such agent, or its file is wrong.
    """
    built_in = [kind.name for kind in kinds.values() if not kind.needs_file]
    file = find_agent_file(name, search=search, built_in=built_in)
    if file is None:
        spec = AgentSpec(name=name, kind=name, settings=kinds[name].check(Fields({})))
    else:
        check_name(file.stem, file=file)
        spec = _read(file, kinds)
    return dataclasses.replace(spec, identity=identity(spec, paths=kinds[spec.kind].paths))


def make_agent(spec: AgentSpec, *, kinds: Mapping[str, AgentKind] = KINDS) -> Agent:
    """Make the agent that *spec* describes.

    :raises InfrastructureError: cause ``agent_changed``, where the code or the recording on disk is no longer
        what the identity was taken of, or has gone. Runs of two agents must not be counted as one agent's.
    """
    kind = kinds[spec.kind]
    try:
        unchanged = identity(spec, paths=kind.paths) == spec.identity
    except UsageMistake as mistake:
        raise InfrastructureError(f"agent {spec.name}: {mistake}", cause="agent_changed") from mistake
    if not unchanged:
        message = f"agent {spec.name}: its files have changed since the session began"
        raise InfrastructureError(message, cause="agent_changed")
    return kind.make(spec)


def _read(file: Path, kinds: Mapping[str, AgentKind]) -> AgentSpec:
    fields = read_document(file)
    kind = fields.text("kind")
    if kind not in kinds:
        fields.wrong("kind", f"expected one of {', '.join(kinds)}, found {kind!r}{suggestion(kind, kinds)}")
    fields.optional_text("description")
    model, scaffold = fields.optional_text("model"), fields.optional_text("scaffold")
    limits = fields.mapping("limits")
    wall_seconds = limits.positive_number("wall_seconds")
    limits.finish()
    settings = kinds[kind].check(fields)
    fields.finish()
    return AgentSpec(
        name=file.stem,
        kind=kind,
        file=str(file),
        settings=settings,
        limits=Limits(wall_seconds=wall_seconds),
        model=model,
        scaffold=scaffold,
    )
