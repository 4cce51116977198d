"""The agent that is a Python class of somebody else's, named by its import path."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from pathlib import Path
from typing import Any

from pytest_metr.agent.kind import AgentKind
from pytest_metr.errors import UsageMistake
from pytest_metr.fields import Fields
from pytest_metr.interfaces import Agent
from pytest_metr.types import AgentSpec

_EXPECTED = "expected package.module:Class"


def _check(fields: Fields) -> dict[str, Any]:
    path = fields.text("class")
    module, _, name = path.partition(":")
    if not module or not name:
        fields.wrong("class", f"{_EXPECTED}, found {path!r}")
    settings = fields.value("settings")
    if settings is None:
        settings = {}
    if not isinstance(settings, dict):
        fields.wrong("settings", "expected a mapping, which the class is given as keyword arguments")
    return {"class": path, "settings": settings, "source": _source(module, fields)}


def _source(module: str, fields: Fields) -> str:
    """Return the SHA-256 of the module's file, which stands for what the agent does; nothing of it is run."""
    try:
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError) as error:
        fields.wrong("class", f"{_EXPECTED}, but {module} cannot be found: {error}")
    if found is None or found.origin is None or not Path(found.origin).is_file():
        fields.wrong("class", f"{_EXPECTED}, but there is no module {module} on Python's path")
    return hashlib.sha256(Path(found.origin).read_bytes()).hexdigest()


def _make(spec: AgentSpec) -> Agent:
    module, _, name = str(spec.settings["class"]).partition(":")
    try:
        made = getattr(importlib.import_module(module), name)(**spec.settings["settings"])
    except Exception as error:
        message = f"{spec.settings['class']} could not be made: {type(error).__name__}: {error}"
        raise UsageMistake(message, file=spec.file, key="class") from error
    if not callable(getattr(made, "run", None)):
        raise UsageMistake(f"{spec.settings['class']} has no method run(workspace)", file=spec.file, key="class")
    agent: Agent = made
    return agent


CUSTOM = AgentKind(name="python", check=_check, make=_make)
