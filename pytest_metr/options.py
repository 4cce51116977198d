"""The command line and ini options, read once into frozen settings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pytest

#: The values of ``--sandbox``. There is no unsandboxed provider.
SANDBOXES = ("auto", "bubblewrap")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a person asked for on the command line and in the ini file.

    :param agents: the names given with ``--agent``, in that order, each once.
    :param runs: how often every task is run by every agent, at most; None for what the protocol says.
    :param protocol: the name or the path of the evaluation protocol; None for the plain one.
    :param gate: the gate's file, absolute; None for no gate.
    :param out: the folder given with ``--metr-out``, absolute.
    :param env_file: the file with the secrets of the tasks, absolute.
    :param time_limit: seconds that an agent may work on one task; None for no limit of this kind.
    :param agent_dirs: where agent files are looked for, in that order.
    """

    agents: tuple[str, ...]
    runs: int | None
    protocol: str | None
    gate: Path | None
    out: Path | None
    sandbox: str
    env_file: Path | None
    time_limit: float | None
    agent_dirs: tuple[Path, ...]
    invocation_dir: Path


def add_options(parser: pytest.Parser) -> None:
    """Declare the options with pytest."""
    group = parser.getgroup("metr", "METR task families (pytest_metr)")
    group.addoption(
        "--agent",
        "--metr-agent",
        dest="metr_agent",
        action="append",
        default=[],
        metavar="NAME",
        help="the agent under test: agents/NAME.yaml, the path of an agent file, or oracle or noop; may be repeated",
    )
    group.addoption(
        "--metr-runs",
        metavar="N",
        help="runs of every task by every agent, at most where the protocol ends early (default: the protocol's, 1)",
    )
    group.addoption(
        "--metr-protocol",
        metavar="NAME",
        help="the evaluation protocol: autonomy-0.1, the path of a protocol file, or plain (default: plain)",
    )
    group.addoption(
        "--metr-gate",
        metavar="FILE",
        help="rules that the agents must keep; the exit status is 0 if they do, 1 if not, 20 if nobody can tell",
    )
    group.addoption(
        "--metr-out",
        metavar="DIR",
        help="folder for journal, transcripts and report (default: metr-runs/<UTC time>-<agent>)",
    )
    group.addoption(
        "--sandbox",
        dest="metr_sandbox",
        choices=SANDBOXES,
        default="auto",
        help="what makes the sandboxes (default: auto, the best that works here)",
    )
    group.addoption(
        "--metr-env-file", metavar="FILE", help="secrets for the tasks that ask for some: lines of NAME=value"
    )
    group.addoption(
        "--metr-time-limit",
        metavar="SECONDS",
        help="how long an agent may work on one task; scoring does not count (default: what its file says)",
    )
    parser.addini("metr_protocol", default="", help="the evaluation protocol where --metr-protocol is not given")
    parser.addini("metr_agent_dirs", type="paths", default=[], help="folders of agent files (default: agents)")


def read_settings(config: pytest.Config) -> Settings:
    """Read the options.

    :raises pytest.UsageError: where a value makes no sense.
    """
    option = config.option
    invocation_dir = Path(config.invocation_params.dir)
    agent_dirs = tuple(config.getini("metr_agent_dirs")) or (config.rootpath / "agents",)
    return Settings(
        agents=tuple(dict.fromkeys(option.metr_agent)),
        runs=None if option.metr_runs is None else _whole_number("--metr-runs", option.metr_runs),
        protocol=_text("--metr-protocol", option.metr_protocol) or _protocol_of_ini(config),
        gate=_path("--metr-gate", invocation_dir, option.metr_gate),
        out=_path("--metr-out", invocation_dir, option.metr_out),
        sandbox=option.metr_sandbox,
        env_file=_path("--metr-env-file", invocation_dir, option.metr_env_file),
        time_limit=_seconds("--metr-time-limit", option.metr_time_limit),
        agent_dirs=agent_dirs,
        invocation_dir=invocation_dir,
    )


def _text(option: str, given: str | None) -> str | None:
    if given == "":
        raise pytest.UsageError(f"{option}: expected a name or a path, found the empty text")
    return given


def _protocol_of_ini(config: pytest.Config) -> str | None:
    given: str = config.getini("metr_protocol")
    is_path = "/" in given or given.endswith((".yaml", ".yml"))
    if is_path and config.inipath is not None:
        return str(config.inipath.parent / given)  # as pytest takes the paths of an ini file
    return given or None


def _path(option: str, base: Path, given: str | None) -> Path | None:
    if given == "":
        raise pytest.UsageError(f"{option}: expected a path, found the empty text")
    return None if given is None else base / given


def _whole_number(option: str, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise pytest.UsageError(f"{option}: expected a whole number of at least 1, found {text!r}")
    return value


def _seconds(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise pytest.UsageError(f"{option}: expected a number of seconds above 0, found {text!r}")
    return value
