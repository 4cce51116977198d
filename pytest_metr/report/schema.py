"""The JSON Schema of the report document."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of ``report.json``, which the package ships."""
    text = resources.files("pytest_metr.report").joinpath("report.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
