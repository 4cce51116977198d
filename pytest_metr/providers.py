"""Which sandbox provider a session uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pytest_metr.defaults import DOCKER_BASE
from pytest_metr.errors import UsageMistake
from pytest_metr.interfaces import Provider
from pytest_metr.types import ProbeResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What providers are made from.

    :param docker_base: the image that machines of the Docker provider are made from.
    :param session: the id of the session, for what can be found by it.
    """

    docker_base: str = DOCKER_BASE
    session: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The provider that is taken.

    :param passed_over: a line for each better one that does not work here, see :func:`explain`.
    """

    provider: Provider
    passed_over: tuple[str, ...] = ()


def _docker(wanted: Wanted) -> Provider:
    from pytest_metr.sandbox.docker import DockerProvider

    return DockerProvider(base=wanted.docker_base, session=wanted.session)


def _bubblewrap(_wanted: Wanted) -> Provider:
    from pytest_metr.sandbox import BubblewrapProvider

    return BubblewrapProvider()


#: What makes the providers, by name, the best first: that is the order in which ``auto`` tries them.
PROVIDERS: Mapping[str, Callable[[Wanted], Provider]] = {"docker": _docker, "bubblewrap": _bubblewrap}


def choose(name: str, wanted: Wanted) -> Choice:
    """Return the provider that ``--sandbox`` names, or the first that works here for ``auto``.

    :raises UsageMistake: where it does not work, or none does; says the cause and the remedy of each.
    """
    failed: list[str] = []
    for candidate in PROVIDERS if name == "auto" else (name,):
        provider = PROVIDERS[candidate](wanted)
        result = provider.probe()
        if result.works:
            return Choice(provider=provider, passed_over=tuple(failed))
        provider.close()
        failed.append(explain(result))
    raise UsageMistake("no sandbox can be made here: " + "; ".join(failed), key=f"--sandbox={name}")


def explain(result: ProbeResult) -> str:
    """Return one line: what was tried, what happened and what to do."""
    line = f"{result.provider}: {result.detail}"
    return f"{line} (remedy: {result.remedy})" if result.remedy else line
