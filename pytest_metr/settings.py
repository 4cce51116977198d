"""What a person asked for on the command line and in the ini file, read once into frozen settings."""

from __future__ import annotations

import argparse
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_metr import option_values as values
from pytest_metr.defaults import DOCKER_BASE, LIMITS
from pytest_metr.options import PROGRESS
from pytest_metr.retries import RetryRules

if TYPE_CHECKING:
    from pytest_metr.collect.nodes import Mode
    from pytest_metr.types import Limits


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a person asked for on the command line and in the ini file.

    :param mode: what the items of a family are.
    :param agents: the names given with ``--agent``, in that order, each once.
    :param runs: how often every task is run by every agent, at most; None for what the protocol says.
    :param protocol: the name or the path of the evaluation protocol; None for the plain one.
    :param gate: the gate's file, absolute; None for no gate.
    :param guide: the file with the declared fix of guided runs, absolute; None for unguided ones.
    :param out: the folder given with ``--metr-out``, absolute.
    :param env_file: the file with the secrets of the tasks, absolute.
    :param given_limits: what any agent may use on any task besides what its file and the task say, by the limit's name.
    :param overrides: what stands in the place of what agent files say of their model: ``model``, ``base_url``.
    :param agent_dirs: where agent files are looked for, in that order.
    :param docker_base: the image that machines of the Docker provider are made from.
    :param build_env: variables for the installation of families and for nothing else.
    :param resume: the folder of the session that is to be taken up again, absolute; None for a new session.
    :param resume_anyway: whether to take it up again also where something is no longer as it was.
    :param retries: how often a run is tried again where the infrastructure fails.
    :param build_ca_bundle: a file of certificates that is trusted while families are installed, absolute.
    :param progress: how often the terminal shows how far the session is, in seconds; 0 for never.
    """

    agents: tuple[str, ...]
    runs: int | None
    protocol: str | None
    gate: Path | None
    guide: Path | None
    out: Path | None
    sandbox: str
    env_file: Path | None
    agent_dirs: tuple[Path, ...]
    invocation_dir: Path
    given_limits: Mapping[str, float] = field(default_factory=dict)
    overrides: Mapping[str, str] = field(default_factory=dict)
    docker_base: str = DOCKER_BASE
    build_env: Mapping[str, str] = field(default_factory=dict)
    build_ca_bundle: Path | None = None
    resume: Path | None = None
    resume_anyway: bool = False
    retries: RetryRules = field(default_factory=RetryRules)
    progress: float = PROGRESS
    mode: Mode = "attempts"

    @property
    def makes_runs(self) -> bool:
        """Whether there is anybody to make runs: agents under test, or a stand-in for them."""
        return bool(self.agents) or self.mode == "controls"

    @property
    def limits(self) -> Limits:
        """What any agent may use on any task, besides what its file and the task say."""
        from pytest_metr.types import Limits

        return Limits.from_json(self.given_limits)


def read_settings(config: pytest.Config) -> Settings:
    """Read the options.

    :raises pytest.UsageError: where a value makes no sense.
    """
    option = config.option
    mode = _mode(option)
    invocation_dir = Path(config.invocation_params.dir)
    agent_dirs = tuple(config.getini("metr_agent_dirs")) or (config.rootpath / "agents",)
    return Settings(
        agents=tuple(dict.fromkeys(option.metr_agent)),
        runs=None if option.metr_runs is None else values.whole_number("--metr-runs", option.metr_runs),
        protocol=_protocol(config, mode),
        gate=values.path("--metr-gate", invocation_dir, option.metr_gate),
        guide=_guide(invocation_dir, option, mode),
        out=values.path("--metr-out", invocation_dir, option.metr_out),
        sandbox=option.metr_sandbox,
        env_file=values.path("--metr-env-file", invocation_dir, option.metr_env_file),
        given_limits=_limits(option),
        overrides=_overrides(option),
        agent_dirs=agent_dirs,
        invocation_dir=invocation_dir,
        docker_base=values.text("--metr-docker-base", option.metr_docker_base)
        or config.getini("metr_docker_base")
        or DOCKER_BASE,
        build_env=_build_env(config),
        build_ca_bundle=_ca_bundle(config),
        resume=_resume(invocation_dir, option),
        resume_anyway=option.metr_resume_anyway,
        retries=_retries(config),
        progress=_progress(option.metr_progress),
        mode=mode,
    )


def status_dir(config: pytest.Config) -> Path | None:
    """Return the folder of the session whose status alone is asked for, absolute; None where it is not.

    :raises pytest.UsageError: where the option has no value.
    """
    return values.path("--metr-status", Path(config.invocation_params.dir), config.option.metr_status)


def _mode(option: argparse.Namespace) -> Mode:
    mode: Mode = "controls" if option.metr_controls else "family_tests" if option.metr_family_tests else "attempts"
    if mode == "attempts":
        return mode
    others = {
        "--agent": option.metr_agent,
        "--metr-gate": option.metr_gate,
        "--metr-protocol": option.metr_protocol,
        "--metr-family-tests": option.metr_controls and option.metr_family_tests,
    }
    for name in (name for name, value in others.items() if value):
        option_name = f"--metr-{mode.replace('_', '-')}"
        raise pytest.UsageError(f"{name}: expected none with {option_name}: no agent is under test")
    return mode


def _progress(text: str | None) -> float:
    if text is None:
        return PROGRESS
    return 0.0 if text == "0" else values.above_zero("--metr-progress", text, "0 or a number of seconds")


def _resume(base: Path, option: argparse.Namespace) -> Path | None:
    resume = values.path("--metr-resume", base, option.metr_resume)
    if resume is None and option.metr_resume_anyway:
        raise pytest.UsageError("--metr-resume-anyway: expected --metr-resume DIR with it")
    if resume is not None and option.metr_out is not None:
        raise pytest.UsageError(
            f"--metr-out: expected none with --metr-resume: the results are kept in {option.metr_resume}"
        )
    return resume


def _limits(option: argparse.Namespace) -> dict[str, float]:
    wall = values.seconds("--metr-time-limit", option.metr_time_limit)
    limits: dict[str, float] = {} if wall is None else {"wall_seconds": wall}
    for given in option.metr_limit:
        name, _, number = given.partition("=")
        if name not in LIMITS:
            raise pytest.UsageError(f"--metr-limit: expected NAME=N, NAME one of {', '.join(LIMITS)}, found {given!r}")
        key = f"--metr-limit={name}"
        value = values.whole_number(key, number) if LIMITS[name] is int else values.above_zero(key, number, "a number")
        limits[name] = min(value, limits.get(name, value))
    return limits


def _overrides(option: argparse.Namespace) -> dict[str, str]:
    given = {
        "model": values.text("--metr-model", option.metr_model),
        "base_url": values.text("--metr-base-url", option.metr_base_url),
    }
    return {key: value for key, value in given.items() if value is not None}


def _retries(config: pytest.Config) -> RetryRules:
    rules = RetryRules()
    most, pauses = config.option.metr_infra_retries, config.getini("metr_infra_backoff")
    if most is not None:
        rules = replace(rules, most=values.whole_number("--metr-infra-retries", most, least=0))
    if pauses:
        rules = replace(rules, pauses=tuple(_pause(config, text) for text in pauses))
    return rules


def _pause(config: pytest.Config, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise pytest.UsageError(
            f"{config.inipath}: metr_infra_backoff: expected seconds, 0 or more each, found {text!r}"
        )
    return value


def _guide(base: Path, option: argparse.Namespace, mode: Mode) -> Path | None:
    """Return the file of a declared fix; it is about agents, and of guided runs nothing can be judged."""
    guide = values.path("--metr-guided", base, option.metr_guided)
    if guide is None:
        return None
    if mode != "attempts":
        raise pytest.UsageError(f"--metr-guided: expected none with --metr-{mode.replace('_', '-')}")
    for name, value in (("--metr-gate", option.metr_gate), ("--metr-protocol", option.metr_protocol)):
        if value:
            raise pytest.UsageError(f"{name}: expected none with --metr-guided: guided runs are in no number")
    return guide


def _protocol(config: pytest.Config, mode: Mode) -> str | None:
    """Return the protocol that was asked for; none where its stages would leave out what must be seen."""
    if mode != "attempts" or config.option.metr_guided is not None:
        return None
    return values.text("--metr-protocol", config.option.metr_protocol) or _protocol_of_ini(config)


def _protocol_of_ini(config: pytest.Config) -> str | None:
    given: str = config.getini("metr_protocol")
    is_path = "/" in given or given.endswith((".yaml", ".yml"))
    if is_path and config.inipath is not None:
        return str(config.inipath.parent / given)  # as pytest takes the paths of an ini file
    return given or None


def _build_env(config: pytest.Config) -> dict[str, str]:
    variables = {}
    for line in config.getini("metr_build_env"):
        name, given, value = (part.strip() for part in line.partition("="))
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise pytest.UsageError(f"{config.inipath}: metr_build_env: expected NAME=value or NAME, found {line!r}")
        if given:
            variables[name] = value
        elif name in os.environ:  # where it is not set here, it is not needed here
            variables[name] = os.environ[name]
    return variables


def _ca_bundle(config: pytest.Config) -> Path | None:
    given: str = config.getini("metr_build_ca_bundle")
    if not given:
        return None
    path = (config.inipath.parent if config.inipath is not None else config.rootpath) / Path(given).expanduser()
    if not path.is_file():
        raise pytest.UsageError(f"{config.inipath}: metr_build_ca_bundle: expected a file, found none at {path}")
    return path
