"""The options of the command line and of the ini file as they are declared; :mod:`pytest_metr.settings` reads them."""

from __future__ import annotations

import pytest

from pytest_metr.defaults import DOCKER_BASE, LIMITS
from pytest_metr.retries import RetryRules

#: The values of ``--sandbox``. There is no unsandboxed provider.
SANDBOXES = ("auto", "docker", "bubblewrap")
#: Seconds between two blocks of lines on the progress of a session, where nobody asks for others.
PROGRESS = 60.0


def add_options(parser: pytest.Parser) -> None:
    """Declare the options with pytest."""
    group = parser.getgroup("metr", "METR task families (pytest_metr)")
    _add_agents(parser, group)
    _add_evaluation(parser, group)
    _add_session(parser, group)
    _add_sandboxes(parser, group)


def _add_agents(parser: pytest.Parser, group: pytest.OptionGroup) -> None:
    """Who is tested, by what model, and what they may use."""
    group.addoption(
        "--agent",
        "--metr-agent",
        dest="metr_agent",
        action="append",
        default=[],
        metavar="NAME",
        help="the agent under test: agents/NAME.yaml, the path of an agent file, or oracle, noop or human; "
        "may be repeated",
    )
    group.addoption(
        "--metr-model",
        metavar="PROVIDER/NAME",
        help="the model of the agents, in the place of what their files say: openai/NAME or anthropic/NAME",
    )
    group.addoption("--metr-base-url", metavar="URL", help="where their model is served, likewise")
    group.addoption(
        "--metr-time-limit",
        metavar="SECONDS",
        help="how long an agent may work on one task; scoring does not count (default: what its file says)",
    )
    group.addoption(
        "--metr-limit",
        action="append",
        default=[],
        metavar="NAME=N",
        help=f"what an agent may use on one task: {', '.join(LIMITS)}; the tightest wins; may be repeated",
    )
    parser.addini("metr_agent_dirs", type="paths", default=[], help="folders of agent files (default: agents)")


def _add_evaluation(parser: pytest.Parser, group: pytest.OptionGroup) -> None:
    """What is measured, and how it is judged."""
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
        "--metr-controls",
        action="store_true",
        default=False,
        help="in the place of an agent, make each family's controls: attempts that must score what is written of them",
    )
    group.addoption(
        "--metr-family-tests",
        action="store_true",
        default=False,
        help="in the place of runs, run each family's own tests, <family>_test.py, in the sandbox of each of its tasks",
    )
    group.addoption(
        "--metr-guided",
        metavar="FILE",
        help="make guided runs, with the fix that the file declares; they are in no number of unguided ones",
    )
    parser.addini("metr_protocol", default="", help="the evaluation protocol where --metr-protocol is not given")


def _add_session(parser: pytest.Parser, group: pytest.OptionGroup) -> None:
    """The session: its folder, how it goes on, what it shows."""
    group.addoption(
        "--metr-out",
        metavar="DIR",
        help="folder for journal, transcripts and report (default: metr-runs/<UTC time>-<agent>)",
    )
    group.addoption(
        "--metr-resume",
        metavar="DIR",
        help="take the session in this folder up again and make the runs that it lacks; all else as it was given",
    )
    group.addoption(
        "--metr-resume-anyway",
        action="store_true",
        default=False,
        help="take it up also where tasks, agents, images or settings have changed, which the report then says",
    )
    group.addoption(
        "--metr-infra-retries",
        metavar="N",
        help="how often a run is tried again where the infrastructure fails "
        f"(default: {RetryRules().most}; 0 for never)",
    )
    group.addoption(
        "--metr-progress",
        metavar="SECONDS",
        help=f"how often to show how far the session is, and what each run does (default: {PROGRESS:g}; 0 for never)",
    )
    group.addoption(
        "--metr-status",
        metavar="DIR",
        help="only show how far the session in this folder is, which may be running, have ended, or have died",
    )
    parser.addini(
        "metr_infra_backoff",
        type="args",
        default=[],
        help="seconds before a run is tried again for the first time, the second, ...; the last holds for the rest "
        f"(default: {' '.join(f'{pause:g}' for pause in RetryRules().pauses)})",
    )


def _add_sandboxes(parser: pytest.Parser, group: pytest.OptionGroup) -> None:
    """Where runs are made, and what they are made of."""
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
        "--metr-docker-base",
        metavar="IMAGE",
        help=f"the image that the machines of --sandbox=docker are made from (default: {DOCKER_BASE})",
    )
    parser.addini("metr_docker_base", default="", help="the base image where --metr-docker-base is not given")
    parser.addini(
        "metr_build_env",
        type="linelist",
        default=[],
        help="variables for the installation of families alone: NAME=value, or NAME for the value it has here",
    )
    parser.addini("metr_build_ca_bundle", default="", help="certificates to trust while families are installed")
