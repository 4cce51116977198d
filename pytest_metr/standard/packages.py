"""Packages that an agent brings into a machine, apart from those of the task."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from pytest_metr.errors import InfrastructureError
from pytest_metr.interfaces import Sandbox
from pytest_metr.standard.evidence import ending_of, evidence_of, last_line
from pytest_metr.standard.timeouts import Timeouts

#: Where they are: a virtual environment of the sandbox's Python, which only root can change.
PACKAGES = "/opt/agent"

_DEFAULTS = Timeouts()


def packages_key(key: str, requirements: Sequence[str]) -> str:
    """Return the key of a machine with packages of an agent, for ``Provider.snapshot``.

    :param key: of the same machine without them; it is given back where there are none.
    """
    if not requirements:
        return key
    return hashlib.sha256(json.dumps([key, PACKAGES, list(requirements)]).encode()).hexdigest()


def install_packages(
    sandbox: Sandbox,
    requirements: Sequence[str],
    *,
    timeouts: Timeouts = _DEFAULTS,
    build_env: Mapping[str, str] | None = None,
) -> None:
    """Install *requirements* with all that they need into :data:`PACKAGES`; nothing where there are none.

    The task's own Python neither sees them nor is changed, so a task is the same with an agent's packages and without.

    :param build_env: the place for the address of a package index.
    :raises InfrastructureError: with the cause ``agent_packages``, or ``out_of_memory``.
    """
    if not requirements:
        return
    # Without pip in it, which not every Debian-like image could put there; the sandbox's own installs from outside.
    pip = ["python", "-m", "pip", f"--python={PACKAGES}/bin/python", "install", "--no-input", "--no-cache-dir"]
    for argv in (
        ["python", "-m", "venv", "--without-pip", PACKAGES],
        [*pip, "--disable-pip-version-check", *requirements],
    ):
        result = sandbox.exec(argv, user="root", cwd="/", env=build_env, timeout=timeouts.install)
        if not result.ok:
            message = f"the agent's packages: {argv[2]} {ending_of(result, timeouts.install)}: {last_line(result)}"
            cause = "out_of_memory" if result.out_of_memory else "agent_packages"
            raise InfrastructureError(message, cause=cause, evidence=evidence_of(result))
