"""From ``--agent NAME`` to a checked specification, and from that to an agent."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from pytest_metr.agent.freezes import frozen_file, read_freezes
from pytest_metr.agent.identity import identity
from pytest_metr.agent.kind import AgentKind
from pytest_metr.agent.limits import read_limits
from pytest_metr.agent.lookup import check_name, find_agent_file
from pytest_metr.agent.models import split_model
from pytest_metr.agent.registry import KINDS
from pytest_metr.documents import read_document
from pytest_metr.errors import InfrastructureError, UsageMistake
from pytest_metr.fields import Fields, suggestion
from pytest_metr.interfaces import Agent
from pytest_metr.types import BRACKETS, AgentSpec


def load_agent(
    name: str,
    *,
    search: Sequence[Path],
    kinds: Mapping[str, AgentKind] = KINDS,
    overrides: Mapping[str, str] = MappingProxyType({}),
    prefix: str = "--metr-",
) -> AgentSpec:
    """Return the agent that ``--agent`` names, checked, with its identity, and with when it was frozen.

    :param name: a name, found as ``NAME.yaml`` or ``NAME.yml`` in the first folder of *search* that has it,
        or the path of such a file. The name of a kind that needs no settings is an agent without a file.
    :param kinds: the kinds that there are; pass more than :data:`KINDS` to add some.
    :param overrides: what stands in the place of what the file says (``model``, ``base_url``), where the agent talks
        to a model by way of this package.
    :param prefix: how the options begin that *overrides* come from, for what is said of mistakes.
    :raises UsageMistake: where there is no such agent, or its file is wrong.
    """
    built_in = [kind.name for kind in kinds.values() if not kind.needs_file]
    file = find_agent_file(name, search=search, built_in=built_in)
    if file is None:
        spec = AgentSpec(name=name, kind=name, settings=kinds[name].check(Fields({})))
    else:
        check_name(file.stem, file=file)
        spec = _read(file, kinds, overrides, prefix)
    freezes = read_freezes(frozen_file(spec, search=search)) if file is not None or search else {}
    return dataclasses.replace(
        spec, identity=identity(spec, paths=kinds[spec.kind].paths), freeze=freezes.get(spec.name)
    )


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


def _read(file: Path, kinds: Mapping[str, AgentKind], overrides: Mapping[str, str], prefix: str) -> AgentSpec:
    given = read_document(file)
    spec = _checked(given, kinds, file)
    if overrides and kinds[spec.kind].uses_model(spec.settings):
        spec = dataclasses.replace(_overridden(given, kinds, file, overrides, prefix), overrides=dict(overrides))
    if spec.model is None and kinds[spec.kind].uses_model(spec.settings):
        given.wrong("model", f"expected provider/name here, or {prefix}model=provider/name on the command line")
    return spec


def _overridden(
    given: Fields, kinds: Mapping[str, AgentKind], file: Path, overrides: Mapping[str, str], prefix: str
) -> AgentSpec:
    try:
        return _checked(given.replacing(overrides), kinds, file)
    except UsageMistake as mistake:
        if mistake.key is not None and mistake.key in overrides:  # which is not what the file says
            raise UsageMistake(mistake.message, key=f"{prefix}{mistake.key.replace('_', '-')}") from None
        raise


def _checked(fields: Fields, kinds: Mapping[str, AgentKind], file: Path) -> AgentSpec:
    kind = fields.text("kind")
    if kind not in kinds:
        fields.wrong("kind", f"expected one of {', '.join(kinds)}, found {kind!r}{suggestion(kind, kinds)}")
    fields.optional_text("description")
    model, scaffold = fields.optional_text("model"), fields.optional_text("scaffold")
    limits = fields.mapping("limits")
    general = read_limits(limits)
    brackets = limits.mapping("brackets")
    by_bracket = {name: read_limits(brackets.mapping(name), alone=True) for name in brackets.names()}
    for name in by_bracket:
        if name not in (known := [bracket for bracket, _ in BRACKETS]):
            brackets.wrong(name, f"expected one of {', '.join(known)}{suggestion(name, known)}")
    limits.finish()
    settings = kinds[kind].check(fields)
    fields.finish()
    if kinds[kind].uses_model(settings) and model is not None:
        try:
            split_model(model)
        except ValueError as error:
            fields.wrong("model", str(error))
    return AgentSpec(
        name=file.stem,
        kind=kind,
        file=str(file),
        settings=settings,
        limits=general,
        bracket_limits=by_bracket,
        model=model,
        scaffold=scaffold,
    )
