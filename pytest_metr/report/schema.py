"""The JSON Schema of the report document."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from pytest_metr.report.record_schema import definitions
from pytest_metr.report.session import Resumption
from pytest_metr.types import AgentResult, Decision, EvaluationProtocol, FailedTry, Freeze, Guidance, Verdict

#: What is described by its class.
_DESCRIBED = (AgentResult, Decision, EvaluationProtocol, FailedTry, Freeze, Guidance, Resumption, Verdict)


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of ``report.json``.

    What is said of a session is described by hand, in a file of the package; the numbers, which other documents
    have as well, are described by their classes.
    """
    text = resources.files("pytest_metr.report").joinpath("report.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    schema["$defs"] |= definitions(*_DESCRIBED)
    return schema
