"""All cases of the hostile suite, by name."""

from __future__ import annotations

from collections.abc import Mapping

from tests.hostile import (
    files,
    forwards,
    network,
    output,
    privileges,
    processes,
    python_paths,
    resources,
    scoring,
    secrets,
)
from tests.hostile.case import Case

#: The cases by theme, in the order of the docs.
THEMES: Mapping[str, tuple[Case, ...]] = {
    "Resources": resources.CASES,
    "Output": output.CASES,
    "Processes": processes.CASES,
    "Files": files.CASES,
    "Code of the agent": python_paths.CASES,
    "Secrets": secrets.CASES,
    "Network": network.CASES,
    "Ports to the host": forwards.CASES,
    "Privileges": privileges.CASES,
    "Scoring": scoring.CASES,
}
CASES: Mapping[str, Case] = {case.name: case for cases in THEMES.values() for case in cases}
