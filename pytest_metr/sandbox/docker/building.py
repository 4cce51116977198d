"""How images come about: the base image is pulled, the machine image is built from it."""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from docker.utils import parse_repository_tag

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.code import inside_files
from pytest_metr.sandbox.docker import labels
from pytest_metr.sandbox.docker.engine import Engine, cause_of, explained

_MACHINE = Path(__file__).parent / "machine"
#: Seconds that a pull may take, whatever the engine goes on saying.
_PULL_PATIENCE = 900.0
#: Lines of a build that are shown where it fails.
_LAST_LINES = 5
#: What a person can do, by the cause of an error.
REMEDIES = {
    "daemon": "start the engine, or name another by DOCKER_HOST or a context of Docker",
    "image_missing": "name another by --metr-docker-base or metr_docker_base, or make one with scripts/make-base-image",
    "disk_full": "make room where the engine keeps its images",
    "podman": "name an engine of Docker's by DOCKER_HOST or a context of Docker",
}


def machine_files() -> dict[str, bytes]:
    """Return all files that a machine image is built from, by their paths in the build context."""
    inside = {"setup.sh": (_MACHINE / "setup.sh").read_bytes(), **inside_files()}
    return {"Dockerfile": (_MACHINE / "Dockerfile").read_bytes(), **{f"opt/{path}": inside[path] for path in inside}}


def build_machine(engine: Engine, tag: str, *, base: str, base_id: str) -> None:
    """Build the machine image *tag* from the image *base_id*, which *base* names.

    :raises SandboxError: where no machine can be made of it; says what is missing in it.
    """
    with explained(f"no machine could be made of {base}"):
        lines = engine.api.build(
            fileobj=_context(machine_files()),
            custom_context=True,
            tag=tag,
            buildargs={"BASE": base_id},
            labels={labels.IMAGE: tag, labels.BASE: base_id},
            network_mode="none",
            rm=True,
            forcerm=True,
            use_config_proxy=False,
            decode=True,
        )
        _follow(lines, f"no machine could be made of {base}")


def pull(engine: Engine, name: str) -> None:
    """Pull an image by its name.

    :raises SandboxError: with the cause ``image_missing`` where that cannot be done, or takes too long.
    """
    repository, tag = parse_repository_tag(name)
    doing = f"the image {name} is not there and could not be pulled"
    try:
        with explained(doing):
            lines = engine.api.pull(repository, tag=tag or "latest", stream=True, decode=True)
            with closing(lines):
                _follow(lines, doing, deadline=time.monotonic() + _PULL_PATIENCE)
    except SandboxError as error:
        cause = "disk_full" if error.cause == "disk_full" else "image_missing"
        raise SandboxError(str(error), cause=cause) from error


def _follow(lines: Iterator[dict[str, Any]], doing: str, deadline: float | None = None) -> None:
    """Read what an engine says of its work until it is done."""
    last: list[str] = []
    for line in lines:
        if "error" in line:
            said = " ".join(str(line["error"]).split())
            told = [text for text in last if text.startswith("pytest-metr: ")]  # what the set-up misses
            what = told[-1].partition(": ")[2] if told else "; ".join([*last, said])
            raise SandboxError(f"{doing}: {what}", cause=cause_of(f"{what} {said}"))
        if deadline is not None and time.monotonic() > deadline:
            raise SandboxError(f"{doing}: it took more than {_PULL_PATIENCE:g} s")
        text = _plain(str(line.get("stream", "")))
        if text:
            last = [*last, text][-_LAST_LINES:]


def _plain(text: str) -> str:
    # Without the colours in which a build shows what was printed to standard error.
    return " ".join(text.replace("\x1b[91m", "").replace("\x1b[0m", "").split())


def _context(files: dict[str, bytes]) -> io.BytesIO:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    archive.seek(0)
    return archive
